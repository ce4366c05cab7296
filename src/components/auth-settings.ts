import type { AuthSpec } from '../api/auth-spec.ts'
import { secondsOf } from '../api/schema.ts'
import type { Context } from './context.ts'
import type { Setting, TypedSetting } from './typed-settings.ts'

/** Where prosody finds the authorities of the directory. */
export const ldapCaPath = '/etc/jitsi-operator/ldap'

/**
 * Authentication in the images' words: web, prosody, jicofo and jigasi must agree on it. An
 * anonymous installation says nothing, so that `spec.variables` of older manifests hold.
 */
export function authSettings({ spec: { auth } }: Context): TypedSetting[] {
  if (auth.type === 'anonymous') return []
  return [
    ...typed('type', { ENABLE_AUTH: '1', AUTH_TYPE: auth.type }),
    ...typed('loginLifetime', {
      JICOFO_AUTH_LIFETIME: auth.loginLifetime && `${secondsOf(auth.loginLifetime)} seconds`,
    }),
    ...typed('guests', { ENABLE_GUESTS: auth.guests ? '1' : '0' }),
    ...(auth.type === 'jwt' ? typed('jwt', jwtSettings(auth.jwt)) : []),
    ...(auth.type === 'ldap' ? typed('ldap', ldapSettings(auth.ldap)) : []),
    ...(auth.type === 'matrix' ? typed('matrix', matrixSettings(auth.matrix)) : []),
  ]
}

function typed(field: string, settings: Record<string, Setting | undefined>): TypedSetting[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, field: `spec.auth.${field}` }],
  )
}

const fromSecret = (reference: { name: string; key: string } | undefined): Setting | undefined =>
  reference && { secretKeyRef: reference }

function jwtSettings(jwt: AuthSpec['jwt']): Record<string, Setting | undefined> {
  if (!jwt) return {}
  return {
    JWT_APP_ID: jwt.appId,
    JWT_APP_SECRET: fromSecret(jwt.secret),
    JWT_ASAP_KEYSERVER: jwt.keyServer,
    JWT_ACCEPTED_ISSUERS: jwt.acceptedIssuers?.join(','),
    JWT_ACCEPTED_AUDIENCES: jwt.acceptedAudiences?.join(','),
    JWT_ALLOW_EMPTY: jwt.allowEmpty ? '1' : '0',
    TOKEN_AUTH_URL: jwt.loginUrl,
  }
}

function ldapSettings(ldap: AuthSpec['ldap']): Record<string, Setting | undefined> {
  if (!ldap) return {}
  return {
    LDAP_URL: ldap.url,
    LDAP_BASE: ldap.base,
    LDAP_BINDDN: ldap.bindDn,
    LDAP_BINDPW: fromSecret(ldap.bindPassword),
    LDAP_FILTER: ldap.filter,
    LDAP_START_TLS: ldap.startTls ? '1' : '0',
    // The image reads what follows only with this, and by default believes any certificate.
    LDAP_USE_TLS: '1',
    LDAP_TLS_CHECK_PEER: '1',
    LDAP_TLS_CACERT_FILE: ldap.caConfigMap ? `${ldapCaPath}/ca.crt` : undefined,
  }
}

function matrixSettings(matrix: AuthSpec['matrix']): Record<string, Setting | undefined> {
  if (!matrix) return {}
  return {
    MATRIX_UVS_URL: matrix.url,
    MATRIX_UVS_ISSUER: matrix.issuer,
    MATRIX_UVS_AUTH_TOKEN: fromSecret(matrix.token),
    MATRIX_UVS_SYNC_POWER_LEVELS: matrix.syncPowerLevels ? '1' : '0',
  }
}
