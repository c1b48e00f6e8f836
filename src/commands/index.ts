export { type CommandArgument, RequestWriter, requestHead } from './encode.js';
