import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Scenarios take turns by the names of their files: the first one looks at a stack to which nothing has happened yet. */
export default class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    if (!files.every(({ project }) => project.name === "scenarios")) return super.sort(files);
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}
