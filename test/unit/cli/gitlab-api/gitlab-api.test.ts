import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GitLabApi } from "../../../../cli/gitlab-api/index.ts";
import {
  credentials,
  type GitLabServer,
  gitLabServer,
  type StoredProject,
  storedProject,
  users,
} from "../../../support/gitlab-server.ts";

const name = "platform/attic";
const main = { commit: "a".repeat(40), message: "first", files: { "Pulumi.staging.yaml": "image: 1\n" } };

let gitlab: GitLabServer;
let project: StoredProject;
let slept: number[];
beforeEach(async () => {
  gitlab = await gitLabServer();
  project = storedProject({ branches: { main }, commits: { [main.commit]: main.files } });
  gitlab.projects.set(name, project);
  slept = [];
});
afterEach(() => gitlab.close());

const api = (value: string = credentials.maintainer) =>
  new GitLabApi({
    endpoint: gitlab.url,
    credential: { header: "PRIVATE-TOKEN", value },
    sleep: async (milliseconds) => slept.push(milliseconds),
    now: new Date("2026-11-21T12:00:00Z"),
  });

test("knows whose credential it has", async () => {
  expect(await api().self()).toEqual(users[credentials.maintainer]);
});

describe("a pipeline", () => {
  const pipeline = { id: 77, sha: main.commit, ref: "main", status: "success", web_url: "https://…/77" };

  test("is found by its number", async () => {
    project.pipelines.push(pipeline);
    expect(await api().repository.pipeline(name, 77)).toEqual(pipeline);
  });

  test("that is not there, or in a project that one may not see, is none", async () => {
    expect(await api().repository.pipeline(name, 78)).toBeUndefined();
    expect(await api().repository.pipeline("somebody/else", 77)).toBeUndefined();
  });

  test("that one may not read is an error and not absent", async () => {
    project.pipelines.push(pipeline);
    const error = { status: 403, message: "403 Forbidden" };
    await expect(api(credentials.guest).repository.pipeline(name, 77)).rejects.toMatchObject(error);
  });
});

describe("a commit of a file", () => {
  const commit = {
    project: name,
    branch: "rollback-staging",
    startBranch: "main",
    path: "Pulumi.staging.yaml",
    content: "image: 0\n",
    message: "Roll staging back\n\nto 0",
  };
  const commitFile = (more: object = {}) => api().repository.commitFile({ ...commit, ...more });

  test("makes a branch from another one, which stays as it is", async () => {
    const { id, web_url } = await commitFile();
    expect(project.branches["rollback-staging"]).toEqual({
      commit: id,
      message: commit.message,
      files: { "Pulumi.staging.yaml": "image: 0\n" },
    });
    expect(web_url).toBe(`https://gitlab.example.com/platform/attic/-/commit/${id}`);
    expect(project.branches.main).toEqual(main);
  });

  test("makes a branch from a commit", async () => {
    await commitFile({ startBranch: undefined, startSha: main.commit });
    expect(project.branches["rollback-staging"]?.files).toEqual({ "Pulumi.staging.yaml": "image: 0\n" });
    expect(gitlab.seen[0]?.body).not.toHaveProperty("start_branch");
  });

  test("goes onto a branch that is there", async () => {
    await commitFile({ branch: "main", startBranch: undefined });
    expect(project.branches.main?.files).toEqual({ "Pulumi.staging.yaml": "image: 0\n" });
  });

  test.each([
    ["the branch to make is there", { branch: "other" }, "A branch called 'other' already exists"],
    ["nobody may push to it", { branch: "release" }, "You are not allowed to push into this branch"],
    ["the file is not there", { path: "Pulumi.stagin.yaml" }, "A file with this name doesn't exist"],
  ])("is refused in GitLab's words when %s", async (_, more, words) => {
    project.branches.other = main;
    project.branches.release = { ...main, protected: true };
    await expect(commitFile(more)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(words),
    });
  });

  test("is not sent again when its answer is lost", async () => {
    gitlab.upsets.push({ status: 502, afterwards: true });
    await expect(commitFile()).rejects.toMatchObject({ status: 502 });
    expect(gitlab.seen).toHaveLength(1);
  });

  test("is sent again when GitLab did nothing but ask for patience", async () => {
    gitlab.upsets.push({ status: 429, headers: { "Retry-After": "3" } });
    await commitFile();
    expect(slept).toEqual([3_000]);
    expect(gitlab.seen).toHaveLength(2);
  });
});

describe("a merge request", () => {
  const request = {
    project: name,
    sourceBranch: "rollback-staging",
    targetBranch: "main",
    title: "Roll staging back",
    description: "because",
  };

  test("is opened, and its branch goes with the merge", async () => {
    const made = await api().mergeRequests.open({ ...request, labels: ["rollback", "staging"] });
    expect(made).toMatchObject({
      iid: 1,
      existed: false,
      web_url: "https://gitlab.example.com/platform/attic/-/merge_requests/1",
    });
    expect(project.mergeRequests).toMatchObject([
      { title: "Roll staging back", labels: ["rollback", "staging"], force_remove_source_branch: true },
    ]);
  });

  test("that is open for these branches already is found, and there is one still", async () => {
    await api().mergeRequests.open({ ...request, sourceBranch: "another" });
    await api().mergeRequests.open(request);
    expect(await api().mergeRequests.open(request)).toMatchObject({ iid: 2, existed: true });
    expect(project.mergeRequests).toHaveLength(2);
  });

  test("that was opened although the answer was lost is not opened twice", async () => {
    gitlab.upsets.push({ status: 503, afterwards: true });
    expect(await api().mergeRequests.open(request)).toMatchObject({ iid: 1, existed: true });
    expect(project.mergeRequests).toHaveLength(1);
  });

  describe("its notes", () => {
    const address = { project: name, iid: 1 };
    beforeEach(() => api().mergeRequests.open(request));

    test("are written, changed in place, and listed from the oldest on over all pages", async () => {
      for (let n = 1; n <= 201; n++) await api().mergeRequests.createNote(address, `note ${n}`);
      await api().mergeRequests.updateNote(address, 7, "changed");
      gitlab.seen.length = 0;
      const notes = await api().mergeRequests.notes(address);
      expect(notes.map(({ body }) => body)).toEqual(
        Array.from({ length: 201 }, (_, n) => (n === 6 ? "changed" : `note ${n + 1}`)),
      );
      expect(gitlab.seen.map(({ url }) => url.replace(/.*&page=/, "page "))).toEqual([
        "page 1",
        "page 2",
        "page 3",
      ]);
    });

    test("are not written twice when the answer is lost", async () => {
      gitlab.upsets.push({ status: 500, afterwards: true });
      await expect(api().mergeRequests.createNote(address, "one")).rejects.toMatchObject({ status: 500 });
      expect(project.mergeRequests[0]?.notes).toHaveLength(1);
    });

    test("of another merge request are not found", async () => {
      await expect(api().mergeRequests.notes({ ...address, iid: 2 })).rejects.toMatchObject({ status: 404 });
    });
  });
});

test("a variable is removed, and an empty answer is no mistake", async () => {
  gitlab.owners.set(`projects/${name}`, []);
  const owner = { project: name };
  const variable = {
    key: "DEPLOYMENT_FREEZE",
    value: "true",
    variable_type: "env_var",
    protected: false,
    masked: false,
    raw: true,
    environment_scope: "production",
    description: null,
  } as const;
  await api().variables.create(owner, variable);
  await api().variables.create(owner, { ...variable, environment_scope: "*" });
  await api().variables.remove(owner, "DEPLOYMENT_FREEZE", "production");
  expect(gitlab.owners.get(`projects/${name}`)).toMatchObject([{ environment_scope: "*" }]);
});
