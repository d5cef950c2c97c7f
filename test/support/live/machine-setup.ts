import { missing } from "../../live/missing.ts";

/** Runs once before the tests on real nodes (vitest `globalSetup`): what the machine lacks is found here, for all workers. */
export default (): void => void missing;
