/** What Node says of a certificate that it does not accept, besides the two below. */
const UNTRUSTED = /CERT|LEAF_SIGNATURE|INVALID_CA/;

/**
 * What is wrong with a server's certificate, and what to do about it.
 * @param code of the connection's error
 * @returns undefined when it is none of the certificate
 */
export function certificateAdvice(code: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'its certificate is for other names and addresses: use one of those (localhost on that machine; lutra serve --https started again there signs one for those it has now)';
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return 'its certificate has expired: lutra serve --https started again there signs another';
  }
  if (!UNTRUSTED.test(code)) return undefined;
  return 'its certificate is not trusted here: copy tls/certificate.pem from the data folder of lutra serve --https, and name the copy with --ca or LUTRA_CA';
}
