export { type Certificates, createCertificates, type TlsMaterial } from './certificates.js';
