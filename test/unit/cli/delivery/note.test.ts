import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inert } from "../../../../cli/delivery/inert.ts";
import { noteBody } from "../../../../cli/delivery/note-body.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  type StoredNote,
  storedProject,
  users,
} from "../../../support/gitlab-server.ts";
import { type How, type TestProject, testProject } from "../world.ts";

const me = users[credentials.maintainer];
const marker = "<!-- atticctl note test -->";
const joiner = "\u2060";

describe("a page on a merge request", () => {
  let project: TestProject;
  let gitlab: GitLabServer;
  let notes: StoredNote[];
  beforeEach(async () => {
    project = testProject();
    gitlab = await gitLabServer();
    notes = [];
    const request = {
      iid: 12,
      title: "t",
      description: "",
      state: "opened",
      labels: [],
      web_url: "…",
    } as const;
    const branches = { source_branch: "a", target_branch: "main", force_remove_source_branch: true };
    gitlab.projects.set(
      "7",
      storedProject({ mergeRequests: [{ ...request, ...branches, labels: [], notes }] }),
    );
    page("# Review\n");
  });
  afterEach(async () => {
    project.remove();
    await gitlab.close();
  });

  const page = (text: string) => writeFileSync(join(project.folder, "review.md"), text);
  const note = (args: string[] = [], how: How = {}) =>
    project.run(["note", "--file", "review.md", ...args], {
      ...how,
      env: {
        GITLAB_TOKEN: credentials.maintainer,
        CI_API_V4_URL: gitlab.url,
        CI_PROJECT_ID: "7",
        CI_MERGE_REQUEST_IID: "12",
        ...how.env,
      },
    });
  const writes = () => gitlab.seen.filter(({ method }) => method !== "GET");

  test("is written behind a marker that nobody sees", async () => {
    const { code, stdout } = await note();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "note test on !12 of project 7: created\n" });
    expect(notes).toMatchObject([{ body: `${marker}\n# Review`, author: me }]);
  });

  test("is written anew in its place", async () => {
    await note();
    notes.push({ id: 9, body: "nice", author: { id: 1, username: "alice" }, system: false });
    page("# Another review\n");
    expect((await note()).stdout).toBe("note test on !12 of project 7: updated\n");
    expect(notes.map(({ body }) => body)).toEqual([`${marker}\n# Another review`, "nice"]);
  });

  test("that is the same is not sent", async () => {
    await note();
    const before = writes().length;
    expect((await note()).stdout).toBe("note test on !12 of project 7: unchanged\n");
    expect(writes()).toHaveLength(before);
  });

  test("of another stack is another note", async () => {
    await note();
    await note(["--key", "production"]);
    page("new\n");
    await note();
    expect(notes.map(({ body }) => body)).toEqual([
      `${marker}\nnew`,
      "<!-- atticctl note production -->\n# Review",
    ]);
  });

  test("never takes the place of what somebody else wrote, marker or not", async () => {
    notes.push({ id: 1, body: `${marker}\nours!`, author: users[credentials.guest], system: false });
    notes.push({ id: 2, body: `look:\n${marker}`, author: me, system: false });
    await note();
    expect(notes.map(({ body }) => body)).toEqual([
      `${marker}\nours!`,
      `look:\n${marker}`,
      `${marker}\n# Review`,
    ]);
  });

  test("is found behind hundreds of other notes", async () => {
    for (let id = 1; id <= 250; id++) notes.push({ id, body: "+1", author: me, system: false });
    await note();
    page("new\n");
    await note();
    expect(notes).toHaveLength(251);
    expect(notes.at(-1)?.body).toBe(`${marker}\nnew`);
  });

  test("is there once when it is unknown whether it was written", async () => {
    // Who one is and the notes are asked first.
    const heard = { status: 200, body: JSON.stringify(me) };
    gitlab.upsets.push(heard, { status: 200, body: "[]" }, { status: 502, afterwards: true });
    expect((await note()).code).toBe(0);
    expect(notes).toHaveLength(1);
  });

  test.each([{}, { CI_COMMIT_BRANCH: "main" }])(
    "of no merge request is not written, and nothing is wrong",
    async (env) => {
      const { code, stdout } = await note([], {
        env: { ...env, CI_MERGE_REQUEST_IID: "", GITLAB_TOKEN: "" },
      });
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: "this is no pipeline of a merge request, and none was named: no note is written\n",
      });
      expect(gitlab.seen).toEqual([]);
    },
  );

  test("goes to the merge request that is named, of the project that it is in", async () => {
    const env = { CI_MERGE_REQUEST_IID: "", CI_PROJECT_ID: "a-fork", CI_MERGE_REQUEST_PROJECT_ID: "7" };
    expect((await note(["--merge-request", "12"], { env })).code).toBe(0);
    expect(notes).toHaveLength(1);
  });

  test("needs a token of one's own: a job's may write no notes", async () => {
    const { code, stderr } = await note([], { env: { GITLAB_TOKEN: "", CI_JOB_TOKEN: "job" } });
    expect(code).toBe(2);
    expect(stderr).toContain("a job's own token may not");
    expect(gitlab.seen).toEqual([]);
  });

  test("on a merge request that is not there fails in GitLab's words", async () => {
    const { code, stderr } = await note(["--merge-request", "99"]);
    expect(code).toBe(1);
    expect(stderr).toContain("could not write the note on !99 of project 7: 404 MergeRequest Not Found");
  });

  test.each([
    ["--key", "a -->"],
    ["--key", "a--b"],
    ["--merge-request", "!12"],
  ])("%s %s is refused", async (...args) => {
    expect((await note(args)).code).toBe(2);
    expect(gitlab.seen).toEqual([]);
  });

  test("that is too long is shortened, says so, and links to the job's artifact", async () => {
    const details = `<details>\n<summary>All differences</summary>\n\n${"x".repeat(1_000_001)}\n\n</details>`;
    page(`# Review\n\n${details}\n\n## The end\n`);
    const { code, stderr } = await note([], {
      env: { CI_JOB_URL: "https://gitlab.example.com/p/-/jobs/5", CI_PROJECT_DIR: project.folder },
    });
    expect(code).toBe(0);
    expect(stderr).toContain("the page is too long for a note: it is shortened");
    expect(notes[0]?.body).toContain(
      "[The whole page](https://gitlab.example.com/p/-/jobs/5/artifacts/file/review.md) is among the job's artifacts.",
    );
    expect(notes[0]?.body).toContain(
      "# Review\n\n<details>\n<summary>All differences</summary>\n\n(left out",
    );
    expect(notes[0]?.body.endsWith("## The end")).toBe(true);
  });
});

describe("what is too long for a note", () => {
  const block = (name: string, length: number) =>
    `<details>\n<summary>${name}</summary>\n\n${name.repeat(length)}\n\n</details>`;

  test("loses the longest details first, and no more than it has to", () => {
    const body = noteBody("k", [block("a", 100), block("b", 300), block("c", 100)].join("\n"), "", 600);
    expect(body).toContain("a".repeat(100));
    expect(body).not.toContain("bb");
    expect(body).toContain("c".repeat(100));
  });

  test("is cut behind a line where details are not enough, and its code block is closed", () => {
    const body = noteBody("k", `\`\`\`\n${"line\n".repeat(100)}`, "", 300);
    expect(body.length).toBeLessThanOrEqual(300);
    expect(body.endsWith("line\n```\n\n…")).toBe(true);
  });

  test("always fits, and has its marker", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 2_000 }),
        fc.integer({ min: 200, max: 400 }),
        (page, longest) => {
          const body = noteBody("k", page, "", longest);
          expect([...body].length).toBeLessThanOrEqual(longest);
          expect(body.startsWith("<!-- atticctl note k -->\n")).toBe(true);
        },
      ),
    );
  });
});

describe("what a page cannot make GitLab do", () => {
  /** As lib/gitlab/quick_actions/extractor.rb begins a command. */
  const quickAction = (text: string) => /^\/\w/m.test(text.replaceAll("\r", ""));
  /** As app/models/user.rb finds a mention, in text whose entities are letters. */
  const mention = (text: string) => {
    const letters = text.replace(/&#0*64;?|&#x0*40;?|&commat;?/gi, "@").replace(/&#0*97;/g, "a");
    return /(?<![A-Za-z0-9])@[A-Za-z0-9_]/.test(letters);
  };

  test.each([
    "/approve",
    "text\n/merge\n",
    "a\r\n/close",
    "a\n\r/close",
    "  /label ~x",
    "a\r/close",
    "```\n/close",
  ])("no line acts: %j", (page) => {
    expect(quickAction(page) || /^\s/m.test(page) || page.includes("\r")).toBe(true);
    expect(quickAction(inert(page))).toBe(false);
  });

  test.each([
    "@alice",
    "cc @all",
    "_@alice_",
    "(@a/b)",
    "\\@alice",
    "&#64;alice",
    "&#x40;alice",
    "&commat;alice",
    "@&#97;lice",
  ])("nobody is mentioned: %j", (page) => {
    expect(mention(page)).toBe(true);
    expect(mention(inert(page))).toBe(false);
  });

  test("digests, addresses and paths stay as they are", () => {
    const page = "ghcr.io/zhaofengli/attic@sha256:00 me@example.com\nsee /api/v1 and a/b\n";
    expect(inert(page)).toBe(page);
  });

  test("it reads as before, whatever it is", () => {
    const unit = fc.constantFrom("@", "/", "\n", "\r", "a", " ", "_", "`", "&#64;", "\t");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (page) => {
        const shown = inert(page);
        expect(quickAction(shown) || mention(shown)).toBe(false);
        const same = page.replace(/\r\n?/g, "\n").replaceAll("&#64;", "@");
        expect(shown.replaceAll(joiner, "")).toBe(same);
        expect(inert(shown).replaceAll(joiner, "")).toBe(same);
      }),
    );
  });
});
