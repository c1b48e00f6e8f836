export { type Clock, systemClock, type Timer } from './clock.js';
export { type Random, seededRandom, systemRandom } from './random.js';
export { Queue } from './queue.js';
export { nearestName } from './nearest-name.js';
