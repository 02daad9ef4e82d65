import OrchDomain

extension TableAdapter {
  /// mini-swe-agent: `mini`. Proven with 2.4.6. It keeps no session: a later turn starts anew, with the whole task.
  static let mini = TableAdapter(
    name: "mini",
    facts: AdapterFacts(
      program: "mini", versionArguments: ["--help"], install: "pip install mini-swe-agent mcp",
      proof: .proven(version: "mini-swe-agent 2.4.6", date: "2026-11-27"),
      promptDelivery: "a configuration file that an argument names"),
    environmentNames: vendorKeyNames + ["MSWEA_MODEL_NAME", "OPENAI_API_BASE", "LITELLM_LOCAL_MODEL_COST_MAP"],
    resumes: false, readsPromptFromInput: false,
    environment: [
      // Without these it asks questions, and gives up on a model whose price it does not know.
      "MSWEA_CONFIGURED": "true", "MSWEA_SILENT_STARTUP": "1", "MSWEA_COST_TRACKING": "ignore_errors",
      "COLUMNS": "1000",
    ],
    arguments: { run in
      run.option("-m", run.model) + run.option("-l", run.context.maxCost.map { String($0.usd) }) + [
        "-y", "--exit-immediately", "-o", "\(run.context.sessionDirectory)/trajectory-\(run.context.turn).json", "-c",
        "mini.yaml", "-c", taskFile(run),
      ] + run.own
    },
    // JSON is YAML; the task is data for its template, never a template itself.
    files: { run in
      let task = JSONValue.object([.init("run", .object([.init("task", .string(run.context.prompt))]))])
      return [.init(path: taskFile(run), content: task.text() + "\n")]
    },
    stream: StreamTable(text: miniFacts, success: .told))

  @Sendable private static func taskFile(_ run: TableRun) -> String {
    "\(run.context.sessionDirectory)/task-\(run.context.turn).yaml"
  }

  /// `mini-swe-agent (step 2, $0.04):` heads each answer; `Saved trajectory to` ends a run that was not cut short.
  @Sendable private static func miniFacts(_ line: String) -> [StreamFact]? {
    if line.hasPrefix("mini-swe-agent (step "), let mark = line.firstIndex(of: "$"),
      let dollars = Double(line[line.index(after: mark)...].prefix { $0.isNumber || $0 == "." })
    {
      return [.note(line), .cost(MicroUSD(usd: dollars), adds: false)]
    }
    if line.hasPrefix("litellm.") || line.hasPrefix("LimitsExceeded") { return [.failed(line)] }
    return line.hasPrefix("Saved trajectory to") ? [.note(line), .done] : nil
  }
}
