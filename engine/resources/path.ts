import type { Ref, ResourceType } from '../planning/contracts.ts';
import { parsePaths } from './path_answer.ts';
import { describePath } from './path_diff.ts';
import { pathImage, recordPath } from './path_image.ts';
import { lookProgram, type PathAspect, questionsOf } from './path_look.ts';
import { pathProgram } from './path_program.ts';
import { pathAccess, pathAffects } from './path_reach.ts';
import { normalPath, type PathValue, samePath } from './path_value.ts';

/** A name in the file system and what stands there. Links are not followed; what they lead to is told as well. */
export const pathType: ResourceType<PathValue> = {
  name: 'path',
  collect: (refs) => lookProgram(questionsOf(refs)),
  parse: parsePaths,
  transition: pathProgram,
  describe: describePath,
  same: samePath,
  record: recordPath,
  image: pathImage,
  affects: pathAffects,
  access: pathAccess,
};

/** `id` is absolute. */
export function path(id: string, ...aspects: readonly PathAspect[]): Ref<PathValue> {
  return { type: pathType, id: normalPath(id), aspects };
}
