import OrchEngine
import OrchFiles

/// Files that a person names on the command line.
enum InputFile {
  /// The bytes of a file; `-` is standard input.
  static func read(_ path: String) throws -> [UInt8] {
    if path == "-" { return Terminal.standardInput.readAll() }
    do throws(FileError) {
      return try FileReader.read(path)
    } catch {
      throw EngineError.invalid("cannot read '\(path)': \(error)")
    }
  }
}
