/// A line without white space, but for one space between two words; and where each byte came from.
struct SqueezedLine {
  let bytes: [UInt8]
  /// Offsets into the line, one for each of ``bytes``.
  let origins: [Int]

  init(_ line: [UInt8]) {
    var bytes: [UInt8] = []
    var origins: [Int] = []
    bytes.reserveCapacity(line.count)
    origins.reserveCapacity(line.count)
    var sawSpace = false
    for (index, byte) in line.enumerated() {
      if CodeLine.isBlank(byte) {
        sawSpace = true
        continue
      }
      if sawSpace, let last = bytes.last, CodeLine.isWord(last), CodeLine.isWord(byte) {
        bytes.append(0x20)
        origins.append(index)
      }
      sawSpace = false
      bytes.append(byte)
      origins.append(index)
    }
    self.bytes = bytes
    self.origins = origins
  }
}
