import type { Argument, Command, Option } from "commander";

/** What may stand at the end of a command line. */
export interface Candidate {
  value: string;
  /** What it is, in a line. */
  description: string;
}

/** Names that only the project's folder knows. */
export interface Names {
  /** The stacks that have a file. */
  stacks(): string[];
  /** Of a stack's file; by default of the one that the environment chooses. */
  tokens(stack: string | undefined): string[];
  caches(stack: string | undefined): string[];
}

/** The commands whose arguments are names out of the stack's file. */
export const named: Readonly<Record<string, "tokens" | "caches">> = {
  "tokens get": "tokens",
  "tokens revoke": "tokens",
  "tokens publish": "tokens",
  "caches show": "caches",
  "caches sync": "caches",
};

/** Where a command line is. */
interface Place {
  command: Command;
  /** How many arguments it has already. */
  given: number;
  /** The option that the last word is the value of. */
  option: Option | undefined;
  /** The stack that the line names. */
  stack: string | undefined;
}

/**
 * What may stand in place of the last word of a command line.
 * @param words behind the program's name; the last one is what was typed so far, maybe nothing
 */
export function candidates(root: Command, words: readonly string[], names: Names): Candidate[] {
  const typed = words.at(-1) ?? "";
  const place = placeOf(root, words.slice(0, -1));
  const inline = /^(--[\w-]+)=/.exec(typed);
  const all = inline
    ? valuesOf(optionNamed(place.command, inline[1] as string), names).map(({ value, description }) => ({
        value: `${inline[0]}${value}`,
        description,
      }))
    : candidatesAt(place, typed, names);
  return all.filter(({ value }) => value.startsWith(typed));
}

function candidatesAt(place: Place, typed: string, names: Names): Candidate[] {
  const { command, option, given, stack } = place;
  if (option) return valuesOf(option, names);
  const help = command.createHelp();
  if (typed.startsWith("-")) {
    return optionsOf(command).map((each) => ({
      value: each.long ?? each.short ?? "",
      description: each.description,
    }));
  }
  const commands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  if (commands.length > 0) {
    return commands.map((each) => ({ value: each.name(), description: help.subcommandDescription(each) }));
  }
  return argumentsOf(command, given, stack, names);
}

function argumentsOf(command: Command, given: number, stack: string | undefined, names: Names): Candidate[] {
  const known = command.registeredArguments as Argument[];
  const argument = known[given] ?? (known.at(-1)?.variadic ? known.at(-1) : undefined);
  if (!argument) return [];
  if (argument.argChoices) return bare(argument.argChoices);
  const kind = named[pathOf(command)];
  return kind ? bare(names[kind](stack)) : [];
}

function valuesOf(option: Option | undefined, names: Names): Candidate[] {
  if (!option) return [];
  if (option.long === "--stack") return bare(names.stacks());
  return bare(option.argChoices ?? []);
}

const bare = (values: readonly string[]): Candidate[] => values.map((value) => ({ value, description: "" }));

/** Follows the words down the tree of commands. */
function placeOf(root: Command, words: readonly string[]): Place {
  const place: Place = { command: root, given: 0, option: undefined, stack: undefined };
  for (const word of words) {
    // Bash cuts `--stack=name` into three words.
    if (word === "=" && place.option) continue;
    if (place.option) {
      if (place.option.long === "--stack") place.stack = word;
      place.option = undefined;
      continue;
    }
    if (word.startsWith("-") && word !== "-") {
      const [flag = "", value] = word.split("=");
      const option = optionNamed(place.command, flag);
      if (value === undefined) place.option = option?.required || option?.optional ? option : undefined;
      else if (option?.long === "--stack") place.stack = value;
      continue;
    }
    const below = place.command.commands.find(
      (each) => each.name() === word || each.aliases().includes(word),
    );
    if (below && place.given === 0) place.command = below;
    else place.given++;
  }
  return place;
}

/** The options of a command, and those that all commands have. */
function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  const above: Option[] = [];
  for (let at = command.parent; at; at = at.parent) above.push(...at.options.filter((each) => !each.hidden));
  return [...help.visibleOptions(command), ...above];
}

const optionNamed = (command: Command, flag: string) =>
  optionsOf(command).find(({ long, short }) => long === flag || short === flag);

/** A command's name with those above it: `tokens get`. */
export function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}
