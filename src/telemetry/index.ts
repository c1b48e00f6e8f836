export { EventHub, type Listener } from './event-hub.js';
export { CHANNEL_OF, type ClientEvent, type ClientEvents, type RefreshTrigger } from './events.js';
