import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertificates } from '../../../src/testing/tls/index.js';

describe('createCertificates', () => {
  const { node, client } = createCertificates();
  const authority = new X509Certificate(node.ca);

  it('makes an authority that vouches for itself and signs both certificates', () => {
    expect(client.ca).toBe(node.ca);
    expect(authority.ca).toBe(true);
    for (const certificate of [authority, new X509Certificate(node.cert), new X509Certificate(client.cert)]) {
      expect(certificate.checkIssued(authority)).toBe(true);
      expect(certificate.verify(authority.publicKey)).toBe(true);
    }
  });

  it('makes a node certificate that is valid for this machine only', () => {
    const certificate = new X509Certificate(node.cert);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });

  it('lets nodes be servers and clients, and clients be clients', () => {
    expect(new X509Certificate(node.cert).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(new X509Certificate(client.cert).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('gives each its key, and never the same twice', () => {
    for (const { cert, key } of [node, client]) {
      expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
    }
    const other = new X509Certificate(createCertificates().node.ca);
    expect(other.serialNumber).not.toBe(authority.serialNumber);
    expect(new X509Certificate(node.cert).verify(other.publicKey)).toBe(false);
  });

  it('is valid now, and not for long', () => {
    const [from, to] = [Date.parse(authority.validFrom), Date.parse(authority.validTo)];
    expect(from).toBeLessThan(Date.now());
    expect((to - Date.now()) / 86_400_000).toBeLessThan(31);
  });
});
