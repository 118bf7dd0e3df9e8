import { basename } from 'node:path';
import { content, type Sh, sh } from '../../engine/transport/sh.ts';

/** Shells that read a script from a descriptor and evaluate it. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'ksh93', 'mksh', 'zsh']);

/**
 * Runs a text as `EXECUTABLE -c TEXT`. A shell gets the text through descriptor 9, so that it stands in no
 * argument list, which every user of the host can read, and may be as long as it likes; it is closed before the
 * first command runs. Ends the subshell it stands in.
 */
export function shellProgram(text: string, executable: string): Sh {
  if (!SHELLS.has(basename(executable))) return sh`exec ${executable} -c ${text}`;
  const loader = 'eval "$(/bin/cat <&9 || echo exit 126)" 9<&-';
  return sh`exec 8<&0
# shellcheck disable=SC2016 # it is for the shell that is started
${content(new TextEncoder().encode(text))} | { exec 9<&0 <&8 8<&-; exec ${executable} -c ${loader}; }
exit`;
}
