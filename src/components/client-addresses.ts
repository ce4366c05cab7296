import type { Context } from './context.ts'
import type { TypedSetting } from './typed-settings.ts'

/*
 * Whose word web and prosody take for where a request comes from. By default nobody's: somebody who
 * can name any address could have others locked out, and logs without addresses need no care.
 */

/** Prosody asks further back as long as it knows the last one; web names one client. */
export function proxySettings({ spec: { web } }: Context): TypedSetting[] {
  if (web.trustedProxies.length === 0) return []
  const value = ['127.0.0.1', '::1', ...web.trustedProxies].join(',')
  return [{ name: 'PROSODY_TRUSTED_PROXIES', value, field: 'spec.web.trustedProxies' }]
}

/** The same for the nginx of web, which passes on to prosody the address that it found. */
export const realAddresses = ({ spec: { web } }: Context): string =>
  [
    ...web.trustedProxies.map(network => `set_real_ip_from ${network};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
  ].join('\n')
