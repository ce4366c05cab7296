import { type Static, Type } from '@sinclair/typebox'
import { Duration, ObjectReference, SecretKeyReference, Section, StringEnum } from './schema.ts'

const Url = (scheme: string, description: string) =>
  Type.String({ pattern: `^${scheme}://[^\\s'"]+$`, maxLength: 2048, description })

/** A word for a list that the images split at commas. */
const Word = (description: string) => Type.String({ pattern: '^[^\\s,\'"]+$', description })

const Jwt = Type.Object(
  {
    appId: Type.String({ minLength: 1, description: 'The `iss` that tokens carry by default.' }),
    secret: Type.Optional(
      SecretKeyReference({ description: 'Key that tokens are signed with (HS256).' }),
    ),
    keyServer: Type.Optional(
      Url('https?', 'Where the public keys of tokens are, by the SHA-256 of their `kid` (RS256).'),
    ),
    acceptedIssuers: Type.Optional(
      Type.Array(Word('An `iss` that is accepted.'), {
        minItems: 1,
        description: 'Issuers of accepted tokens; `appId` alone otherwise.',
      }),
    ),
    acceptedAudiences: Type.Optional(
      Type.Array(Word('An `aud` that is accepted.'), {
        minItems: 1,
        description: 'Audiences of accepted tokens.',
      }),
    ),
    allowEmpty: Type.Boolean({
      default: false,
      description: 'Let people without a token in as well.',
    }),
    loginUrl: Type.Optional(
      Url(
        'https?',
        'Page that people without a token are sent to; `{room}` stands for the room. An adapter for OpenID Connect or SAML goes here.',
      ),
    ),
  },
  { description: 'JSON Web Tokens, as a school platform or a login adapter hands them out.' },
)

const Ldap = Type.Object(
  {
    url: Type.String({
      pattern: '^ldaps?://[^\\s\'"]+$',
      description: 'The directory; ldaps://, or ldap:// together with startTls.',
    }),
    base: Type.String({
      minLength: 1,
      description: 'Where accounts are found, such as ou=people,dc=example,dc=org.',
    }),
    bindDn: Type.Optional(
      Type.String({ minLength: 1, description: 'Account with which the directory is searched.' }),
    ),
    bindPassword: Type.Optional(SecretKeyReference({ description: 'Password of `bindDn`.' })),
    filter: Type.String({
      default: '(uid=%u)',
      minLength: 1,
      description: 'Which entry is a user’s; %u is what was typed in as the name.',
    }),
    startTls: Type.Boolean({
      default: false,
      description: 'Begin TLS on a plain connection (ldap://).',
    }),
    caConfigMap: Type.Optional(
      ObjectReference({
        description:
          'ConfigMap whose key `ca.crt` has the authorities that sign for the directory; the usual public ones otherwise.',
      }),
    ),
  },
  { description: 'A directory (LDAP, Active Directory) whose accounts may open meetings.' },
)

const Matrix = Type.Object(
  {
    url: Url('https?', 'The Matrix user verification service.'),
    issuer: Type.String({ default: 'issuer', minLength: 1, description: 'Issuer in its tokens.' }),
    token: Type.Optional(
      SecretKeyReference({ description: 'Token that the verification service asks for.' }),
    ),
    syncPowerLevels: Type.Boolean({
      default: false,
      description: 'Make moderators of those who have a power level in the Matrix room.',
    }),
  },
  { description: 'Matrix accounts, by the user verification service.' },
)

/** `spec.auth`: who may open a meeting. */
export const AuthSpec = Section(
  {
    type: StringEnum(['anonymous', 'internal', 'jwt', 'ldap', 'matrix'], {
      default: 'anonymous',
      description:
        'Who may open a meeting. anonymous: everybody. internal: accounts in prosody. jwt: holders of a token. ldap: accounts of a directory. matrix: accounts of a Matrix server.',
    }),
    guests: Type.Boolean({
      default: false,
      description:
        'Let people without an account join once somebody with an account has opened the meeting.',
    }),
    loginLifetime: Type.Optional(
      Duration({
        description:
          'How long a login holds in jicofo, for people who come back to a meeting without logging in again (1d).',
      }),
    ),
    users: Type.Optional(
      ObjectReference({
        description:
          'Secret of the accounts (internal): each key is a name in lower case, its value the password. Changes take effect within a minute, without a restart.',
      }),
    ),
    jwt: Type.Optional(Jwt),
    ldap: Type.Optional(Ldap),
    matrix: Type.Optional(Matrix),
  },
  { description: 'Authentication.' },
)
export type AuthSpec = Static<typeof AuthSpec>

/** What the API server can refuse, each with its way out. */
export const authRules = [
  ...(['jwt', 'ldap', 'matrix'] as const).map(type => ({
    rule: `self.auth.type != '${type}' || has(self.auth.${type})`,
    message: `auth.type ${type} needs auth.${type}`,
  })),
  {
    rule: "self.auth.type != 'internal' || self.prosody.persistence.enabled || has(self.auth.users)",
    message:
      'auth.type internal needs prosody.persistence.enabled, or accounts are gone with the next restart; or name a Secret of accounts in auth.users',
  },
  {
    rule: '!has(self.auth.jwt) || has(self.auth.jwt.secret) || has(self.auth.jwt.keyServer)',
    message: 'auth.jwt needs secret or keyServer, to tell good tokens from bad ones',
  },
  {
    rule: "!has(self.auth.ldap) || self.auth.ldap.url.startsWith('ldaps://') || self.auth.ldap.startTls",
    message:
      'auth.ldap.url must be ldaps://, or auth.ldap.startTls true: passwords would travel in the clear',
  },
]
