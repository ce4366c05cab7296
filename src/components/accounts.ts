import type { Container, Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import type { Context } from './context.ts'
import { xmppDomain } from './environment.ts'
import { imageOf, initContainerSecurity } from './pod.ts'

/**
 * Where prosody keeps the accounts of people, by the name of their domain; only these are to last.
 */
export const accountsData = (context: Context): string =>
  `/var/lib/prosody/data/${xmppDomain(context).replace(/[^A-Za-z0-9]/g, escaped)}`

/** As prosody writes names of hosts in names of folders. */
const escaped = (letter: string) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`

const accountsPath = '/etc/jitsi-operator/accounts'

/**
 * Keeps prosody's accounts as the Secret has them: makes new ones, changes passwords, deletes what
 * is no longer there, never one that somebody made by hand. The kubelet brings a changed Secret
 * into the Pod, so nothing restarts. Prosody's own shell does the work, through its socket. Names
 * are read in one look into `..data`, which the kubelet exchanges as a whole; the links beside it
 * go one by one. A name is a text and no pattern, and may begin with a dash. Who loses their key
 * must lose their login: a name is struck off the list only when prosody has no such account any
 * more.
 */
const keepAccounts = (data: string) =>
  `
prosody=(prosodyctl --config /run/prosody/config/prosody.cfg.lua shell user)
known=${data}/jitsi-operator-accounts
mkdir -p ${data}
declare -A applied
until [ -S /var/lib/prosody/data/prosody.sock ]; do sleep 2; done
while sleep 5; do
  for file in ${accountsPath}/..data/*; do
    name=\${file##*/}
    password=$(cat "$file" 2>/dev/null) && [ -n "$password" ] || continue
    digest=$(sha256sum <<<"$password")
    [ "\${applied[$name]}" = "$digest" ] && continue
    if "\${prosody[@]}" create "$name@$XMPP_DOMAIN" "$password" >/dev/null 2>&1 ||
      "\${prosody[@]}" password "$name@$XMPP_DOMAIN" "$password" >/dev/null 2>&1; then
      applied[$name]=$digest
      grep -qxF -- "$name" "$known" 2>/dev/null || printf '%s\\n' "$name" >>"$known"
      echo "Account $name is up to date."
    else
      echo "Account $name could not be set; trying again." >&2
    fi
  done
  [ -f "$known" ] || continue
  # No name at all: the Secret itself is gone, which says nothing of anybody.
  given=$(ls ${accountsPath}/..data) && [ -n "$given" ] || continue
  while read -r name; do
    grep -qxF -- "$name" <<<"$given" && continue
    if answer=$("\${prosody[@]}" delete "$name@$XMPP_DOMAIN" 2>&1); then
      echo "Account $name deleted."
    elif [[ $answer != *"No such user"* ]]; then
      echo "Account $name could not be deleted; trying again." >&2
      continue
    fi
    unset "applied[$name]"
    # grep says 1 where no line is left; after any other failure the list must stay whole.
    { grep -vxF -- "$name" "$known" >"$known.new" || [ $? = 1 ]; } && mv "$known.new" "$known"
  done < <(cat "$known")
done`.trim()

/** Are the accounts given as a Secret? */
const hasAccounts = ({ spec: { auth } }: Context): boolean =>
  auth.type === 'internal' && auth.users !== undefined

/** The container that keeps them, beside prosody and with its volumes. */
export function accountsContainers(context: Context, data: VolumeMount[]): Container[] {
  if (!hasAccounts(context)) return []
  const { prosody, image } = context.spec
  return [
    {
      name: 'accounts',
      image: imageOf(context, 'prosody'),
      imagePullPolicy: prosody.imagePullPolicy ?? image.pullPolicy,
      command: ['/bin/bash', '-c', keepAccounts(accountsData(context))],
      env: [{ name: 'XMPP_DOMAIN', value: xmppDomain(context) }],
      resources: {
        requests: { cpu: '10m', memory: '32Mi' },
        limits: { memory: '128Mi' },
      },
      securityContext: initContainerSecurity,
      volumeMounts: [
        { name: 'run', mountPath: '/run' },
        { name: 'tmp', mountPath: '/tmp' },
        ...data,
        { name: 'accounts', mountPath: accountsPath, readOnly: true },
      ],
    },
  ]
}

/** The Secret of the accounts; prosody itself does not see it, and starts without it too. */
export function accountsVolumes(context: Context): Volume[] {
  const secretName = context.spec.auth.users?.name
  return hasAccounts(context) && secretName
    ? [{ name: 'accounts', secret: { secretName, defaultMode: 288, optional: true } }]
    : []
}
