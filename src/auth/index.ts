export { type Credentials, type CredentialsProvider } from './credentials.js';
