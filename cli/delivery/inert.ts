/** An invisible character that joins words: text looks the same with it, and is another text to GitLab. */
const joiner = "\u2060";

/**
 * Markdown that GitLab only shows: no line of it is a quick action such as `/approve`, and no `@name` in it mentions
 * anybody. It looks as before, in code, too, where copying takes the invisible characters along. An `@` behind a
 * letter or digit, as in an image's digest, mentions nobody and stays as it is.
 */
export function inert(markdown: string): string {
  return (
    markdown
      // GitLab deletes carriage returns before it looks for quick actions.
      .replace(/\r\n?/g, "\n")
      .replaceAll("\0", "")
      .replace(/^[ \t]*(?=\/)/gm, `$&${joiner}`)
      // Mentions are looked for in the page's text, where entities are letters.
      .replace(/&(?:#0*64|#x0*40|commat);?/gi, `${joiner}@${joiner}`)
      .replace(/(?<![A-Za-z0-9])@(?!\u2060)/g, `@${joiner}`)
  );
}
