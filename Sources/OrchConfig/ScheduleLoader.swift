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
    var names: [String: SourceLocation] = [:]
    for (key, value) in document.root {
      let path = [KeyStep.key(key)]
      guard ["batch", "job"].contains(key) else {
        tables.unknown(key, at: path, in: "", candidates: ["batch", "job"])
        continue
      }
      guard case .list(let list) = value else {
        let message = "'\(key)' must be a list of tables, each written [[\(key)]], not \(value.kind)"
        tables.report(.error, .wrongType, at: path, value: true, message)
        continue
      }
      for (number, element) in list.enumerated() {
        let place = path + [.index(number)]
        let location = tables.places.location(tables.places.range(of: place), in: tables.file)
        if key == "batch" {
          let batch = BatchEntry(location: location)
          if let batch = entry(batch, element, at: place, KeyTable.batchKeys, &tables, &names, check: { _ in nil }) {
            schedule.batches.append(batch)
          }
        } else {
          let job = JobEntry(location: location)
          if let job = entry(job, element, at: place, KeyTable.jobKeys, &tables, &names, check: checkWork) {
            schedule.jobs.append(job)
          }
        }
      }
    }
    return Loaded(schedule: schedule, file: file, diagnostics: tables.sortedDiagnostics)
  }

  /// One table; nil when it has a mistake.
  ///
  /// - Parameters:
  ///   - start: With the defaults.
  ///   - names: Of the batches and jobs so far, with their places.
  private static func entry<Entry: ScheduledByTimes>(
    _ start: Entry, _ element: TOMLNode, at place: [KeyStep], _ keys: [KeySpec<Entry>], _ tables: inout TableDecoder,
    _ names: inout [String: SourceLocation], check: (Entry) -> (ConfigCode, String)?
  ) -> Entry? {
    let errorsBefore = tables.diagnostics.count { $0.severity == .error }
    guard case .key(let noun)? = place.first, case .index(let number)? = place.last else { return nil }
    var entry = start
    let present = tables.decode(element, at: place, name: "\(noun)[\(number)]", into: &entry, keys: keys)
    if case .table = element {
      for (key, example) in [("name", "\"nightly\""), ("cron", "\"0 22 * * *\"")] where present[key] == nil {
        tables.report(.error, .missingKey, at: place, "this \(noun) needs a \(key), such as \(key) = \(example)")
      }
      if let (code, text) = check(entry) { tables.report(.error, code, at: place, text) }
    }
    entry.times.cron = entry.times.cron.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    entry.times.cronLocation = tables.location(ofValue: place + [.key("cron")])
    entry.times.timezoneLocation = tables.location(ofValue: place + [.key("timezone")])
    if let first = names[entry.times.name] {
      let note = Diagnostic.Note("the other one is here", at: first)
      let message = "two batches or jobs have the name '\(entry.times.name)'"
      tables.report(.error, .conflict, at: place + [.key("name")], value: true, message, notes: [note])
    }
    guard tables.diagnostics.count(where: { $0.severity == .error }) == errorsBefore else { return nil }
    names[entry.times.name] = entry.times.location
    return entry
  }

  private static func checkWork(_ job: JobEntry) -> (ConfigCode, String)? {
    switch (job.command.isEmpty, job.maintenance) {
    case (true, nil):
      let example = "command = [\"make\", \"backup\"], or maintenance = \"cleanup\""
      return (.missingKey, "this job needs something to do, such as \(example)")
    case (false, .some): return (.conflict, "this job has both a command and a maintenance; make two of it")
    default: return nil
    }
  }
}
