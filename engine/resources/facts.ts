import { lateParts } from '../language/late_map.ts';
import type { ValueMap } from '../language/values.ts';
import type { Ref, Seen } from '../planning/contracts.ts';
import type { Answer } from '../transport/connection.ts';
import { complaint } from './answer_text.ts';
import { dateTimeFacts } from './facts/date_time.ts';
import { distributionFacts, lsbFacts } from './facts/distribution.ts';
import { hardwareFacts } from './facts/hardware.ts';
import { localFacts } from './facts/local.ts';
import { networkFacts } from './facts/network.ts';
import { platformFacts } from './facts/platform.ts';
import { type FactAspect, factsProgram } from './facts/program.ts';
import { readSources, type Sources } from './facts/sources.ts';
import { systemFacts } from './facts/system.ts';
import { virtualFacts } from './facts/virtual.ts';
import { readingType } from './reading.ts';

/** What a host is like, under Ansible's names without `ansible_`. Only looked at. */
export interface FactsValue {
  /**
   * Facts by the name of the collector that Ansible has for them, such as `platform` or `network`; made of what the
   * host said when they are first read.
   */
  readonly collected: { readonly [collector: string]: ValueMap };
  readonly warnings: readonly string[];
}

export const DEFAULT_FACT_PATH = '/etc/ansible/facts.d';

export const factsType = readingType<FactsValue>({
  name: 'facts',
  collect: (refs) =>
    factsProgram(
      refs.map((ref) => ref.id),
      aspectsOf(refs),
    ),
  parse,
});

/**
 * The facts of a host. `factPath` is the directory that its own facts are read from (`ansible_local`);
 * aspects name what costs more than the rest.
 */
export function facts(factPath: string = DEFAULT_FACT_PATH, ...aspects: readonly FactAspect[]): Ref<FactsValue> {
  return { type: factsType, id: factPath, aspects };
}

function aspectsOf(refs: readonly Ref<FactsValue>[]): ReadonlySet<string> {
  return new Set(refs.flatMap((ref) => ref.aspects));
}

function parse(answer: Answer, refs: readonly Ref<FactsValue>[]): readonly Seen[] {
  if (!answer.parts.has('end')) return refs.map((ref) => ({ ref, error: `facts: ${complaint(answer)}` }));
  const sources = readSources(answer);
  const collected = collect(sources, aspectsOf(refs));
  return refs.map((ref, i) => {
    const { local, warnings } = localFacts(sources, i);
    const value: FactsValue = { collected: lateParts({ ...collected, local: () => ({ local }) }), warnings };
    return { ref, value };
  });
}

/** What is asked for most comes first. */
function collect(sources: Sources, aspects: ReadonlySet<string>): Readonly<Record<string, () => ValueMap>> {
  const distribution = () => distributionFacts(sources);
  return {
    platform: () => platformFacts(sources),
    distribution,
    lsb: () => lsbFacts(sources),
    ...systemFacts(sources, distribution),
    date_time: () => dateTimeFacts(sources),
    ...(aspects.has('hardware') && { hardware: () => hardwareFacts(sources) }),
    ...(aspects.has('network') && { network: () => networkFacts(sources) }),
    ...(aspects.has('virtual') && { virtual: () => virtualFacts(sources) }),
  };
}
