/** Where the scripts of a recorder are. */
export const scriptsPath = '/etc/jitsi-operator/recording'

/** Where finished and unfinished recordings are, a folder each. */
export const recordingsPath = '/storage/recordings'

/** The port of jibri's own API: health, and figures. */
export const jibriPort = 2222

/**
 * Jibri runs this when a recording is finished, with its folder, and stays busy until it returns.
 * The mark tells finished folders from those that are still written to.
 */
export const finalizeScript = `#!/bin/bash
touch "$1/.finished"
exec ${scriptsPath}/upload.sh 6
`

/**
 * Uploads every finished recording, in so many tries; what fails stays for the next time, and is
 * deleted when it is too old. The lock keeps recorders that share a volume from doing it twice.
 */
export const uploadScript = (keepSeconds: number): string => `#!/bin/bash
tries=\${1:-1}
[ -n "$RECORDING_TARGET" ] || exit 0
failed=0
for mark in ${recordingsPath}/*/.finished; do
  [ -e "$mark" ] || continue
  folder=\${mark%/.finished}
  (
    flock -n 9 || exit 0
    pause=10
    for ((try = 1; try <= tries; try++)); do
      if rclone move --exclude .finished --retries 3 --s3-no-check-bucket \\
        "$folder" "recordings:$RECORDING_TARGET/\${folder##*/}"; then
        rm -rf "$folder"
        echo "Uploaded \${folder##*/}."
        exit 0
      fi
      [ "$try" -lt "$tries" ] && sleep "$pause"
      pause=$((pause * 2))
    done
    echo "Upload of \${folder##*/} failed; it stays in $folder." >&2
    exit 1
  ) 9>>"$mark" || failed=1
done
find ${recordingsPath} -mindepth 2 -maxdepth 2 -name .finished -mmin +${Math.ceil(keepSeconds / 60)} \\
  -printf '%h\\0' | xargs -0 -r rm -rf
exit "$failed"
`

/**
 * Runs before a recorder is stopped, whoever stops it: lets the recording end, takes no new one,
 * and tries once more to upload what is left, since scratch space goes with the Pod.
 */
export const waitForRecording = (seconds: number): string =>
  `
end=$(($(date +%s) + ${seconds}))
curl -fsS -m 5 -X POST http://127.0.0.1:3333/jibri/api/internal/v1.0/gracefulShutdown >/dev/null 2>&1
while [ "$(date +%s)" -lt "$end" ]; do
  status=$(curl -fsS -m 5 http://127.0.0.1:${jibriPort}/jibri/api/v1.0/health 2>/dev/null) || break
  [[ $status == *BUSY* ]] || break
  sleep 5
done
if [ -x ${scriptsPath}/upload.sh ]; then ${scriptsPath}/upload.sh 2; fi
exit 0`.trim()
