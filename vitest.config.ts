import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A busy machine is no failure; what hangs is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests with real programs mostly wait for them: more at once than there are cores.
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: ["default"],
  },
});
