import { applyFilters } from './filters_apply.ts';
import { dataFilters } from './filters_data.ts';
import { listFilters } from './filters_list.ts';
import { mapFilters } from './filters_map.ts';
import { numberFilters } from './filters_number.ts';
import { orderFilters } from './filters_order.ts';
import { pathFilters } from './filters_path.ts';
import { regexFilters } from './filters_regex.ts';
import { textFilters } from './filters_text.ts';
import { timeFilters } from './filters_time.ts';
import { urlFilters } from './filters_url.ts';
import { valueFilters } from './filters_value.ts';
import { type Routine, shortName } from './routine.ts';

let known: ReadonlyMap<string, Routine> | undefined;

/** All filters there are, by their short names. A new one is an entry in one of the tables. */
export function filters(): ReadonlyMap<string, Routine> {
  known ??= new Map(
    [
      applyFilters,
      dataFilters,
      listFilters,
      mapFilters,
      numberFilters,
      orderFilters,
      pathFilters,
      regexFilters,
      textFilters,
      timeFilters,
      urlFilters,
      valueFilters,
    ].flatMap((table) => Object.entries(table)),
  );
  return known;
}

export function filterNamed(name: string): Routine | undefined {
  return filters().get(shortName(name));
}
