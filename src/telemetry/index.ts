export { EventHub, type Listener } from './event-hub.js';
