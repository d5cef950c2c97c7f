import { podKinds, podOf } from "../framework/kubernetes.ts";
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

/** Every container of Attic's server: it is told its configuration by `-f`, and what to do by `--mode`. */
export function processes(stack: Stack): Process[] {
  return ofKind(stack, ...podKinds).flatMap((resource) => {
    const pod = podOf(resource);
    return (pod?.spec.containers ?? []).flatMap(({ command = [], args = [], image }, index) => {
      const words = [...command, ...args];
      if (!words.includes("--mode") && !words.includes("atticd") && !/\/attic[@:]/.test(image ?? ""))
        return [];
      const at = words.indexOf("--mode");
      const mode = at < 0 ? MONOLITHIC : (words[at + 1] ?? MONOLITHIC);
      return [{ resource, field: `${pod?.path}.containers[${index}]`, mode, image }];
    });
  });
}
