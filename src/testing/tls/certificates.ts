import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as der from './der.js';

/** PEM texts of a certificate authority, and of one certificate with its key that the authority signed. */
export interface TlsMaterial {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What a throw-away authority has signed. */
export interface Certificates {
  /** For the nodes: valid for 127.0.0.1, ::1 and localhost, as server and, between nodes, as client. */
  readonly node: TlsMaterial;
  /** For clients. */
  readonly client: TlsMaterial;
}

const ECDSA_WITH_SHA256 = der.sequence(der.objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = der.objectId('2.5.4.3');
const SUBJECT_KEY_ID = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTH = der.objectId('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = der.objectId('1.3.6.1.5.5.7.3.2');

/** A cluster under test does not live longer; clocks that differ a little do no harm. */
const VALID_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Party {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * Makes an authority and lets it sign one certificate for the nodes and one for clients (X.509 v3, ECDSA P-256; RFC
 * 5280). Written out here, so that neither the `openssl` program nor a package is needed. The authority's key is
 * forgotten: nothing else can be signed with it.
 */
export function createCertificates(): Certificates {
  const authority = newParty('Slotwise test authority');
  const node = newParty('slotwise-node');
  const client = newParty('slotwise-client');
  const ca = certificate(authority, authority, [
    extension(BASIC_CONSTRAINTS, der.sequence(der.boolean(true)), true),
    // keyCertSign and cRLSign.
    extension(KEY_USAGE, der.bitString(Buffer.from([0b0000_0110]), 1), true),
  ]);
  const material = ({ privateKey }: Party, cert: string): TlsMaterial => ({
    ca,
    cert,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  });
  return {
    node: material(node, certificate(node, authority, [...leaf(SERVER_AUTH, CLIENT_AUTH), localNames()])),
    client: material(client, certificate(client, authority, leaf(CLIENT_AUTH))),
  };
}

function newParty(name: string): Party {
  return { name, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

function certificate(subject: Party, issuer: Party, extensions: readonly Buffer[]): string {
  const now = Date.now();
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serialNumber()),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    der.sequence(der.utcTime(new Date(now - DAY_MS)), der.utcTime(new Date(now + VALID_DAYS * DAY_MS))),
    distinguishedName(subject.name),
    publicKeyInfo(subject),
    der.explicit(
      3,
      der.sequence(
        extension(SUBJECT_KEY_ID, der.octetString(keyId(subject))),
        extension(AUTHORITY_KEY_ID, der.sequence(der.implicit(0, keyId(issuer)))),
        ...extensions,
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return pem(der.sequence(body, ECDSA_WITH_SHA256, der.bitString(signature)));
}

/** Random, positive and in shortest form: the first byte is neither 0 nor has its top bit set. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(COMMON_NAME, der.utf8String(commonName))));
}

function publicKeyInfo({ publicKey }: Party): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Any unique value does; RFC 5280 suggests a hash of the key. */
function keyId(party: Party): Buffer {
  return createHash('sha256').update(publicKeyInfo(party)).digest().subarray(0, 20);
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const parts = [der.objectId(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value)];
  return der.sequence(...parts);
}

function leaf(...usages: readonly Buffer[]): Buffer[] {
  return [
    extension(KEY_USAGE, der.bitString(Buffer.from([0b1000_0000]), 7), true), // digitalSignature
    extension(EXTENDED_KEY_USAGE, der.sequence(...usages)),
  ];
}

/** `dNSName` is choice 2, `iPAddress` choice 7. */
function localNames(): Buffer {
  const loopback6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
  return extension(
    SUBJECT_ALT_NAME,
    der.sequence(
      der.implicit(2, Buffer.from('localhost')),
      der.implicit(7, Buffer.from([127, 0, 0, 1])),
      der.implicit(7, loopback6),
    ),
  );
}

function pem(encoded: Buffer): string {
  const lines = encoded.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
