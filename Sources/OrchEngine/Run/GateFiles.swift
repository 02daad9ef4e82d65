/// Where one run of the gate keeps what its stages printed: a directory for each stage that ran, and in it one run
/// directory for each command, named by its number.
package enum GateFiles {
  /// - Parameter number: Of the stage in the whole gate, from 1.
  static func directory(of stage: String, number: Int, in log: String) -> String { "\(log)/\(number)-\(stage)" }

  /// The stages that have left something, in the order of the gate.
  package static func stages(in log: String) throws -> [(name: String, directory: String)] {
    try FileTree.names(in: log).compactMap { name -> (number: Int, name: String, directory: String)? in
      guard let dash = name.firstIndex(of: "-"), let number = Int(name[..<dash]) else { return nil }
      return (number, String(name[name.index(after: dash)...]), "\(log)/\(name)")
    }.sorted { $0.number < $1.number }.map { ($0.name, $0.directory) }
  }
}
