export { type Clock, systemClock, type Timer } from './clock.js';
export { type Random, seededRandom, systemRandom } from './random.js';
export { BoundedQueue } from './bounded-queue.js';
export { nearestName } from './nearest-name.js';
