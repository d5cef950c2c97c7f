import { podKinds, podOf } from "../framework/kubernetes.ts";
import { each, type Undecided } from "../framework/policy.ts";
import { ofKind, type Stack, type Subject } from "../framework/subject.ts";

/** A container that runs Attic's server, whatever it is called. */
export interface Process {
  resource: Subject;
  /** Path of the container. */
  field: string;
  /** What `--mode` says; the server's own default when it says nothing. */
  mode: string;
  image: string | undefined;
}

/** The server's default: it migrates, serves and collects garbage all in one. */
export const MONOLITHIC = "monolithic";

/** The processes of a stack. */
export interface Processes {
  found: Process[];
  /** Containers of which nobody knows yet whether they are one, or what it does. */
  open: Undecided[];
}

/**
 * Every container of Attic's server: it is told its configuration by `-f`, and what to do by `--mode`. Each is read by
 * itself, so that one which is not known yet hides no other.
 */
export function processes(stack: Stack): Processes {
  const all = [...each(ofKind(stack, ...podKinds), processesOf)];
  return {
    found: all.filter((one) => "mode" in one),
    open: all.filter((one) => "undecided" in one),
  };
}

function* processesOf(resource: Subject): Generator<Process | Undecided> {
  const pod = podOf(resource);
  yield* each(
    pod?.spec.containers,
    function* ({ command = [], args = [], image }, index): Generator<Process> {
      const words = [...command, ...args];
      if (!words.includes("--mode") && !words.includes("atticd") && !/\/attic[@:]/.test(image ?? "")) return;
      const at = words.indexOf("--mode");
      const mode = at < 0 ? MONOLITHIC : (words[at + 1] ?? MONOLITHIC);
      yield { resource, field: `${pod?.path}.containers[${index}]`, mode, image };
    },
  );
}
