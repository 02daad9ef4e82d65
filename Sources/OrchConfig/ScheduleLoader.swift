package import OrchDiagnostics

/// Loads schedule files.
package enum ScheduleLoader {
  /// A schedule together with what is wrong with its file.
  package struct Loaded: Sendable {
    package var schedule: Schedule
    package var file: String
    /// In the order of the file. A batch with an error is left out of the schedule.
    package var diagnostics: [Diagnostic]
  }

  /// Where the schedule may be; the first that exists counts.
  ///
  /// - Parameters:
  ///   - configFile: The configuration file that counts, if any.
  ///   - projectRoot: The project, if known.
  package static func candidates(configFile: String?, projectRoot: String?, home: String) -> [String] {
    var paths: [String] = []
    if let configFile { paths.append(LaunchContext.join(LaunchContext.directory(of: configFile), "schedule.toml")) }
    if let projectRoot {
      paths.append(LaunchContext.join(projectRoot, ".claude-orchestrator/schedule.toml"))
      paths.append(LaunchContext.join(projectRoot, "schedule.toml"))
    }
    paths += ConfigLocation.userDirectories.map { LaunchContext.join(home, $0 + "/schedule.toml") }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  /// Reads the text of one file. Pure.
  package static func parse(_ text: String, file: String) -> Loaded {
    finish(TOMLDocument.parse(text, file: file), file: file)
  }

  /// Reads the bytes of one file.
  package static func parse(bytes: [UInt8], file: String) -> Loaded {
    finish(TOMLDocument.parse(bytes, file: file), file: file)
  }

  private static func finish(_ document: Result<TOMLDocument, SyntaxFailure>, file: String) -> Loaded {
    switch document {
    case .success(let document): decode(document, file: file)
    case .failure(let failure): Loaded(schedule: Schedule(), file: file, diagnostics: [failure.diagnostic])
    }
  }

  private static func decode(_ document: TOMLDocument, file: String) -> Loaded {
    var tables = TableDecoder(file: file, places: document.places)
    var schedule = Schedule()
    for (key, value) in document.root {
      let path = [KeyStep.key(key)]
      if key != "batch" {
        tables.unknown(key, at: path, in: "", candidates: ["batch"])
      } else if case .list(let list) = value {
        batches(list, at: path, &tables, into: &schedule)
      } else {
        let message = "'batch' must be a list of tables, each written [[batch]], not \(value.kind)"
        tables.report(.error, .wrongType, at: path, value: true, message)
      }
    }
    return Loaded(schedule: schedule, file: file, diagnostics: tables.sortedDiagnostics)
  }

  private static func batches(
    _ list: [TOMLNode], at path: [KeyStep], _ tables: inout TableDecoder, into schedule: inout Schedule
  ) {
    for (number, element) in list.enumerated() {
      let place = path + [.index(number)]
      let errorsBefore = tables.diagnostics.count { $0.severity == .error }
      let location = tables.places.location(tables.places.range(of: place), in: tables.file)
      var batch = BatchEntry(location: location)
      let present = tables.decode(
        element, at: place, name: "batch[\(number)]", into: &batch, keys: KeyTable.batchKeys)
      if case .table = element {
        for (key, example) in [("name", "\"nightly\""), ("cron", "\"0 22 * * *\"")] where present[key] == nil {
          tables.report(.error, .missingKey, at: place, "this batch needs a \(key), such as \(key) = \(example)")
        }
      }
      batch.cron = batch.cron.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      batch.cronLocation = tables.places.location(
        tables.places.range(of: place + [.key("cron")], value: true), in: tables.file)
      if let first = schedule.batches.first(where: { $0.name == batch.name }) {
        let note = Diagnostic.Note("the other one is here", at: first.location)
        let message = "two batches have the name '\(batch.name)'"
        tables.report(.error, .conflict, at: place + [.key("name")], value: true, message, notes: [note])
      }
      if tables.diagnostics.count(where: { $0.severity == .error }) == errorsBefore { schedule.batches.append(batch) }
    }
  }
}
