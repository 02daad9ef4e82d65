/// Where the lines of a document start. A line ends with LF, CR or CRLF, as CommonMark says.
@safe
struct LineIndex {
  private let bytes: UnsafeRawBufferPointer
  private var starts: [Int] = [0]

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    // Without a carriage return, as nearly always, the C library finds the line ends much faster.
    if unsafe ByteSearch.first(UInt8(ascii: "\r"), in: bytes, from: 0) == nil {
      var next = unsafe ByteSearch.first(UInt8(ascii: "\n"), in: bytes, from: 0)
      while let end = next {
        starts.append(end + 1)
        next = unsafe ByteSearch.first(UInt8(ascii: "\n"), in: bytes, from: end + 1)
      }
      return
    }
    var i = 0
    while i < bytes.count {
      let byte = unsafe bytes[i]
      i += 1
      if unsafe byte == UInt8(ascii: "\r") && i < bytes.count && bytes[i] == UInt8(ascii: "\n") { i += 1 }
      if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { starts.append(i) }
    }
  }

  /// The bytes of a line, counted from 1, without its line ending; empty behind the last line.
  func range(ofLine line: Int) -> Range<Int> {
    guard starts.indices.contains(line - 1) else { return unsafe bytes.count..<bytes.count }
    let start = starts[line - 1]
    var end = unsafe line < starts.count ? starts[line] : bytes.count
    while end > start, unsafe bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }
}
