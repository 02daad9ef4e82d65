import OrchConfig
package import OrchDiagnostics
import OrchDomain
import OrchFiles
package import OrchSchedule

/// The batches and jobs of the schedule file that counts for a project.
package struct BatchSchedule: Sendable {
  /// Nil when there is no schedule file.
  package var file: String?
  /// Where it was looked for, in order.
  package var searched: [String]
  /// Those without a mistake, in the order of the file, jobs behind batches.
  package var batches: [BatchSpec]
  /// In the order of the file.
  package var diagnostics: [Diagnostic]
  private var zones: [String: TimeZoneOffsets] = [:]

  package init(file: String?, searched: [String], batches: [BatchSpec], diagnostics: [Diagnostic]) {
    self.file = file
    self.searched = searched
    self.batches = batches
    self.diagnostics = diagnostics
  }

  /// - Throws: ``EngineError`` for a file that is there and cannot be read.
  package static func load(_ place: ProjectPlace) throws -> BatchSchedule {
    let configFile = place.loaded.file.map { place.launch.absolute($0) }
    let searched = ScheduleLoader.candidates(
      configFile: configFile, projectRoot: place.root, home: place.launch.home)
    for path in searched {
      do throws(FileError) {
        return read(
          try FileReader.read(path), file: path, searched: searched, environment: place.launch.environment)
      } catch  where error.isMissing {
        continue
      } catch {
        throw EngineError.invalid("the schedule cannot be used: \(error)")
      }
    }
    return BatchSchedule(file: nil, searched: searched, batches: [], diagnostics: [])
  }

  static func read(
    _ bytes: [UInt8], file: String, searched: [String], environment: [String: String] = [:]
  ) -> BatchSchedule {
    let loaded = ScheduleLoader.parse(bytes: bytes, file: file)
    var result = BatchSchedule(file: file, searched: searched, batches: [], diagnostics: loaded.diagnostics)
    let known = ZoneDirectory(environment: environment)
    for entry in loaded.schedule.batches {
      guard var spec = result.spec(entry.times, known) else { continue }
      spec.maxTasks = entry.maxTasks
      spec.maxDuration = entry.maxDuration
      spec.grace = entry.grace
      spec.maxCost = entry.maxCost
      spec.modules = entry.modules
      spec.agent = entry.agent
      spec.priority = entry.priority
      result.batches.append(spec)
    }
    for entry in loaded.schedule.jobs {
      guard var spec = result.spec(entry.times, known) else { continue }
      spec.work =
        entry.maintenance.map { .maintenance(template: $0, scope: entry.scope, request: entry.prompt) }
        ?? .command(entry.command)
      spec.maxDuration = entry.maxDuration
      spec.maxCost = entry.maxCost
      spec.agent = entry.agent
      result.batches.append(spec)
    }
    result.diagnostics.sort { $0.location < $1.location }
    return result
  }

  /// What batches and jobs have in common; nil, and a diagnostic, when it has a mistake.
  private mutating func spec(_ entry: ScheduleEntry, _ known: ZoneDirectory) -> BatchSpec? {
    if let name = entry.timezone {
      guard let zone = known.zone(named: name) else {
        let text = "there is no time zone '\(SafeText.visible(name))' on this machine; write one such as Europe/Berlin"
        diagnostics.append(Diagnostic(.error, ConfigCode.outOfRange.rawValue, at: entry.timezoneLocation, text))
        return nil
      }
      zones[name] = zone
    }
    do throws(CronError) {
      var spec = BatchSpec(
        name: entry.name, cron: try CronExpression(entry.cron), notifyOnComplete: entry.notifyOnComplete)
      spec.timezone = entry.timezone
      spec.catchup = entry.catchup
      spec.overlap = entry.overlap
      spec.jitter = entry.jitter
      return spec
    } catch {
      diagnostics.append(
        Diagnostic(.error, ConfigCode.outOfRange.rawValue, at: entry.cronLocation, error.description))
      return nil
    }
  }

  /// The zone of a batch's times.
  ///
  /// - Parameter local: That of the machine.
  package func zone(of batch: BatchSpec, local: TimeZoneOffsets = .local) -> TimeZoneOffsets {
    batch.timezone.flatMap { zones[$0] } ?? local
  }

  /// The batch with this name.
  ///
  /// - Throws: ``EngineError`` that says which batches there are.
  package func batch(named name: String) throws -> BatchSpec {
    if let found = batches.first(where: { $0.name == name }) { return found }
    guard let file else {
      throw EngineError.invalid("there is no schedule.toml; it would be one of: \(searched.joined(separator: ", "))")
    }
    let known =
      batches.isEmpty ? "it has none that can be run" : "it has " + batches.map(\.name).joined(separator: ", ")
    throw EngineError.invalid("\(file) has no batch '\(name)' that can be run; \(known)")
  }
}
