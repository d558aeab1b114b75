import type { FailureInitiator } from '../failure';

/** OpenSSL's names of certificate verification results, as Node reports them, and Node's own host name check. */
const CERTIFICATE =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_C|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|ERR_TLS_CERT_)/;
const TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/;
/** Our own OpenSSL refuses what the peer offers, or has nothing to offer itself. */
const OUR_REFUSAL =
  /^ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|NO_CIPHERS_AVAILABLE|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|(DH|EE|CA)_KEY_TOO_SMALL|CA_MD_TOO_WEAK|VERSION_TOO_LOW|CERTIFICATE_VERIFY_FAILED|WRONG_SIGNATURE_TYPE|LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED|WRONG_CIPHER_RETURNED|UNKNOWN_CIPHER_RETURNED|NO_SHARED_SIGNATURE_ALGORITHMS|WRONG_CURVE)$/;
/** The peer sent an alert, or bytes that are not TLS or are broken. */
const PEERS =
  /^ERR_SSL_([\w/]+_ALERT_\w+|TLSV1_UNRECOGNIZED_NAME|TLSV1_UNSUPPORTED_EXTENSION|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_EOF_WHILE_READING|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE|DECRYPTION_FAILED_OR_BAD_RECORD_MAC|BAD_DECRYPT)$/;

/** The peer does not accept the certificate of this process. */
const OURS_REFUSED =
  /CERTIFICATE_REQUIRED|NO_CERTIFICATE|ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;

/** The peer refused the certificate that this process has, or its lack of one. */
export function isOursRefused(code: string): boolean {
  return OURS_REFUSED.test(code);
}

/** The peer ended the session by an alert, for a reason of its own: not because it could not read what it got. */
export function isDeliberateAlert(code: string): boolean {
  return (
    code.includes('_ALERT_') &&
    !/_ALERT_(BAD_RECORD_MAC|DECRYPTION_FAILED|DECRYPT_ERROR|DECODE_ERROR|UNEXPECTED_MESSAGE)$/.test(code)
  );
}

/** This process does not accept the peer's certificate. */
export function isCertificate(code: string): boolean {
  return CERTIFICATE.test(code);
}

/**
 * A connect, or a read, fails with `EPROTO` if an ICMP message says that one of its headers is wrong (RFC 792, RFC 4443).
 * OpenSSL's errors come with the system call `write`, or none.
 */
export function isTls({ code, syscall }: { readonly code: string; readonly syscall: string }): boolean {
  return (
    CERTIFICATE.test(code) || (TLS.test(code) && syscall !== 'connect' && !(code === 'EPROTO' && syscall === 'read'))
  );
}

/** Which side ended the TLS session, as far as the code shows it: `EPROTO` does not. */
export function tlsInitiator(code: string): FailureInitiator {
  if (CERTIFICATE.test(code) || OUR_REFUSAL.test(code)) return 'local';
  return PEERS.test(code) ? 'remote' : 'unknown';
}
