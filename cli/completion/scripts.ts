/** A shell that completion is made for. */
export type Shell = "bash" | "zsh" | "fish";

/** How the script asks for candidates: a program and its first arguments, absolute paths. */
export type Asking = readonly string[];

/**
 * A script that completes `atticctl` in a shell. It hands over the typed words as they are, each an argument: nothing
 * of a command line that is being typed is evaluated.
 */
export const script = (shell: Shell, asking: Asking): string => scripts[shell](asking.map(quoted).join(" "));

const scripts: Record<Shell, (ask: string) => string> = {
  // Where there is no candidate, readline completes file names (-o default).
  bash: (ask) => `# completion of atticctl in bash
_atticctl() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(${ask} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _atticctl atticctl`,
  zsh: (ask) => `#compdef atticctl
# completion of atticctl in zsh
_atticctl() {
  local line value
  local -a values
  for line in "\${(@f)$(${ask} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    value="\${line%%$'\\t'*}"
    [[ -n "$value" ]] && values+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#values} )); then _describe atticctl values; else _files; fi
}
compdef _atticctl atticctl`,
  fish: (ask) => `# completion of atticctl in fish
function __atticctl
  set -l words (commandline -opc) (commandline -ct)
  ${ask} complete -- $words[2..-1] 2>/dev/null
end
complete -c atticctl -f -a '(__atticctl)'`,
};

/** A word that every one of these shells takes for itself alone. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
