import 'reflect-metadata'; // must come before @peculiar/x509
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUser, giveTo } from '@latchkey/local-stack';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MILLISECONDS = 3_600_000;

/** PEM files of a certificate and its private key. */
export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Certificates of a server and a client, signed by one certificate authority. */
export interface TestCertificates {
  /** The certificate authority. */
  readonly caFile: string;
  /** Another certificate authority, which has signed none of these. */
  readonly otherCaFile: string;
  /** A certificate for `localhost`. */
  readonly server: TestCertificate;
  /** A certificate for another host. */
  readonly otherHost: TestCertificate;
  readonly client: TestCertificate;
  remove(): void;
}

/** Generates the certificates in a temporary directory. A bare Debian has no `openssl`. */
export async function createTestCertificates(): Promise<TestCertificates> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-certificates-'));
  // Postgres runs under another account, which must be able to read its key.
  chmodSync(directory, 0o711);
  const authority = await makeAuthority(directory, 'ca');
  const other = await makeAuthority(directory, 'other-ca');
  const sign = (name: string, host?: string) => makeCertificate(directory, authority, name, host);
  return {
    caFile: authority.file,
    otherCaFile: other.file,
    server: await sign('server', 'localhost'),
    otherHost: await sign('other-host', 'elsewhere.example.com'),
    client: await sign('client'),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

interface Authority {
  readonly file: string;
  readonly name: string;
  readonly keys: CryptoKeyPair;
}

type CryptoKeyPair = Awaited<ReturnType<typeof makeKeys>>;
const makeKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const validity = () => ({
  serialNumber: `01${randomBytes(8).toString('hex')}`,
  notBefore: new Date(Date.now() - HOUR_MILLISECONDS),
  notAfter: new Date(Date.now() + HOUR_MILLISECONDS),
  signingAlgorithm: ALGORITHM,
});

async function makeAuthority(directory: string, id: string): Promise<Authority> {
  const keys = await makeKeys();
  const name = `CN=${id} of a test`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const file = join(directory, `${id}.pem`);
  writeFileSync(file, certificate.toString('pem'));
  return { file, name, keys };
}

async function makeCertificate(
  directory: string,
  issuer: Authority,
  name: string,
  host?: string,
): Promise<TestCertificate> {
  const keys = await makeKeys();
  const usage = host === undefined ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const certificate = await X509CertificateGenerator.create({
    ...validity(),
    subject: `CN=${name}`,
    issuer: issuer.name,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    extensions: [
      new ExtendedKeyUsageExtension([usage]),
      ...(host === undefined
        ? []
        : [new SubjectAlternativeNameExtension([{ type: 'dns', value: host }])]),
    ],
  });
  const [certFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  writeFileSync(certFile, certificate.toString('pem'));
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(keyFile, key, { mode: 0o600 });
  giveTo(databaseUser(), keyFile);
  return { certFile, keyFile };
}
