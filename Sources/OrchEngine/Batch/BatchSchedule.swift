import OrchConfig
package import OrchDiagnostics
import OrchFiles
package import OrchSchedule

/// The batches of the schedule file that counts for a project.
package struct BatchSchedule: Sendable {
  /// Nil when there is no schedule file.
  package var file: String?
  /// Where it was looked for, in order.
  package var searched: [String]
  /// Those without a mistake, in the order of the file.
  package var batches: [BatchSpec]
  /// In the order of the file.
  package var diagnostics: [Diagnostic]

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
        return read(try FileReader.read(path), file: path, searched: searched)
      } catch  where error.isMissing {
        continue
      } catch {
        throw EngineError.invalid("the schedule cannot be used: \(error)")
      }
    }
    return BatchSchedule(file: nil, searched: searched, batches: [], diagnostics: [])
  }

  static func read(_ bytes: [UInt8], file: String, searched: [String]) -> BatchSchedule {
    let loaded = ScheduleLoader.parse(bytes: bytes, file: file)
    var result = BatchSchedule(file: file, searched: searched, batches: [], diagnostics: loaded.diagnostics)
    for entry in loaded.schedule.batches {
      do throws(CronError) {
        result.batches.append(
          BatchSpec(
            name: entry.name, cron: try CronExpression(entry.cron), maxTasks: entry.maxTasks,
            maxDuration: entry.maxDuration, notifyOnComplete: entry.notifyOnComplete))
      } catch {
        result.diagnostics.append(
          Diagnostic(.error, ConfigCode.outOfRange.rawValue, at: entry.cronLocation, error.description))
      }
    }
    result.diagnostics.sort { $0.location < $1.location }
    return result
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
