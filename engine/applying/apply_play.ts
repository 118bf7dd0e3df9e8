import { renderTemplated } from '../language/render.ts';
import type { Scope } from '../language/templated.ts';
import { findUnknown } from '../language/values.ts';
import { named } from '../planning/named.ts';
import type { HostRun } from './host_run.ts';
import { inParallelWithRests } from './in_parallel.ts';
import { createOnceBoard } from './once.ts';
import type { RunInput } from './run.ts';
import { playOf, type RunPlay } from './run_play.ts';

/** As many hosts as are named in a message. */
const MOST_NAMED = 8;

/**
 * Does a play, batch by batch, and gives whether that broke: more hosts of a batch are out than `max_fail_percentage`
 * allows, all of them are, or one failed that ends it for all. Then no further batch is begun, and no further play
 * (Ansible does likewise). `counted`: hosts that were out before; a host that could not be reached counts in the first
 * play that it has.
 */
export async function applyPlay(
  input: RunInput,
  runs: ReadonlyMap<string, HostRun>,
  play: RunPlay,
  counted: Set<string>,
): Promise<boolean> {
  const allowed = percentage(play, input.scope);
  const isOut = (host: string) => runs.get(host)?.lost() !== undefined;
  for (const [i, batch] of play.batches.entries()) {
    const hosts = batch.filter((host) => !counted.has(host));
    if (hosts.length === 0) continue;
    if (input.stopping()) return false;
    const alive = hosts.filter((host) => !isOut(host));
    const out = () => hosts.filter(isOut).length;
    const tooMany = () =>
      alive.some((host) => runs.get(host)?.fatal()) ||
      (allowed !== undefined && (out() / hosts.length) * 100 > allowed);
    const begun = alive.length > 0 && !tooMany();
    if (begun) {
      input.emit({ type: 'play-started', play: play.name, hosts: alive });
      const board = createOnceBoard(alive);
      const goOn = () => !input.stopping() && !input.signal.aborted && !tooMany();
      const apply = (host: string) => (runs.get(host) as HostRun).apply(playOf(play, host), board, goOn);
      await inParallelWithRests(alive, input.forks, apply);
    }
    for (const host of hosts.filter(isOut)) counted.add(host);
    if (!tooMany() && out() < hosts.length) continue;
    const later = play.batches.slice(i + 1).flat();
    const left = [...(begun ? [] : alive), ...later].filter((host) => !isOut(host));
    if (left.length > 0) {
      const many = `${out()} of the ${hosts.length} hosts of this batch failed or could not be reached`;
      input.emit({ type: 'warning', message: `${play.name}: ${many}; not begun: ${named(left, MOST_NAMED)}` });
    }
    return true;
  }
  return false;
}

function percentage(play: RunPlay, scope: Scope): number | undefined {
  if (play.syntax.maxFailPercentage === undefined) return undefined;
  const value = renderTemplated(play.syntax.maxFailPercentage, scope);
  return value.ok && findUnknown(value.value) === undefined ? Number(value.value) : undefined;
}
