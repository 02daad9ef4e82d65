/// The texts that diagnostics point into, fetched once per file and kept while a report is written.
struct SourceTexts {
  private let read: (String) -> [UInt8]?
  private var files: [String: (bytes: [UInt8], index: LineIndex)?] = [:]

  init(_ read: @escaping (String) -> [UInt8]?) { self.read = read }

  /// The bytes of one line without its ending; nil when the file or the line is not there.
  mutating func line(_ number: Int, of file: String) -> ArraySlice<UInt8>? {
    if files[file] == nil { files[file] = .some(read(file).map { ($0, LineIndex($0)) }) }
    guard let entry = files[file] ?? nil, let range = entry.index.range(ofLine: number, in: entry.bytes) else {
      return nil
    }
    return entry.bytes[range]
  }

  /// The column in code points for a column in bytes, which is the same when the text is not there.
  mutating func codePointColumn(_ column: Int, line: Int, of file: String) -> Int {
    guard let bytes = self.line(line, of: file) else { return max(1, column) }
    let before = bytes.prefix(max(0, column - 1))
    let beyond = max(0, column - 1 - bytes.count)
    return before.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } + beyond + 1
  }
}
