import type { Float } from '../values.ts';
import type { ArithmeticOperator } from './operators.ts';
import type { Place } from './problem.ts';

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface ArgumentNodes {
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
  /** `*list` and `**map`. */
  readonly spread?: Expression | undefined;
  readonly spreadNamed?: Expression | undefined;
}

interface Call extends Place {
  readonly name: string;
  readonly input: Expression;
  readonly args: ArgumentNodes;
}

export type Expression = Place &
  (
    | { readonly kind: 'constant'; readonly value: null | boolean | number | Float | string }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
    | { readonly kind: 'map'; readonly entries: readonly { readonly key: Expression; readonly value: Expression }[] }
    | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'item'; readonly object: Expression; readonly key: Expression }
    | {
        readonly kind: 'slice';
        readonly object: Expression;
        readonly first?: Expression | undefined;
        readonly last?: Expression | undefined;
        readonly step?: Expression | undefined;
      }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: ArgumentNodes }
    | ({ readonly kind: 'filter' } & Call)
    | ({ readonly kind: 'test'; readonly negated: boolean } & Call)
    | { readonly kind: 'sign'; readonly operator: '-' | '+'; readonly operand: Expression }
    | { readonly kind: 'not'; readonly operand: Expression }
    | {
        readonly kind: 'arithmetic';
        readonly operator: ArithmeticOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'concatenation'; readonly parts: readonly Expression[] }
    | {
        readonly kind: 'comparison';
        readonly first: Expression;
        readonly rest: readonly { readonly operator: ComparisonOperator; readonly operand: Expression }[];
      }
    | {
        readonly kind: 'choice';
        readonly condition: Expression;
        readonly then: Expression;
        readonly otherwise?: Expression | undefined;
      }
    /** What a `filter` block filters: the text of its body. */
    | { readonly kind: 'body' }
  );

/** What is assigned to: a name, a namespace's attribute, or several at once. */
export type Target = Place &
  (
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'attribute'; readonly object: string; readonly name: string }
    | { readonly kind: 'several'; readonly targets: readonly Target[] }
  );

export interface MacroSignature {
  readonly parameters: readonly { readonly name: string; readonly otherwise?: Expression | undefined }[];
}

export type Statement = Place &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'output'; readonly value: Expression }
    | {
        readonly kind: 'for';
        readonly target: Target;
        readonly over: Expression;
        readonly condition?: Expression | undefined;
        readonly recursive: boolean;
        readonly body: readonly Statement[];
        readonly otherwise: readonly Statement[];
      }
    | {
        readonly kind: 'if';
        readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[];
        readonly otherwise: readonly Statement[];
      }
    | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
    | {
        readonly kind: 'set_block';
        readonly target: Target;
        readonly filter?: Expression | undefined;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'with';
        readonly bindings: readonly { readonly target: Target; readonly value: Expression }[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'macro';
        readonly name: string;
        readonly signature: MacroSignature;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'call';
        readonly signature: MacroSignature;
        readonly call: Extract<Expression, { kind: 'call' }>;
        readonly body: readonly Statement[];
      }
    | { readonly kind: 'filter_block'; readonly filter: Expression; readonly body: readonly Statement[] }
    | {
        readonly kind: 'include';
        readonly template: Expression;
        readonly ignoreMissing: boolean;
        readonly withContext: boolean;
      }
    | { readonly kind: 'import'; readonly template: Expression; readonly name: string; readonly withContext: boolean }
    | {
        readonly kind: 'from_import';
        readonly template: Expression;
        readonly names: readonly { readonly name: string; readonly as: string }[];
        readonly withContext: boolean;
      }
  );
