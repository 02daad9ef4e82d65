/// Writes values in a compact form: numbers in groups of seven bits, texts with their length in front.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(1 << 10) }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func unsigned(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Negative numbers are written as zero: everything that is stored counts from zero.
  mutating func count(_ value: Int) { unsigned(UInt64(max(0, value))) }

  mutating func fixed(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { text in
      count(text.count)
      bytes.append(contentsOf: text)
    }
  }

  mutating func list<Item>(_ items: [Item], _ write: (inout ByteWriter, Item) -> Void) {
    count(items.count)
    for item in items { write(&self, item) }
  }

  /// A flag, and the value if there is one.
  mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
    byte(value == nil ? 0 : 1)
    if let value { write(&self, value) }
  }
}

/// The bytes are not what a ``ByteWriter`` wrote.
struct ByteReadingError: Error {}

/// Reads what a ``ByteWriter`` wrote; any other input throws, and never takes more memory than its length allows.
struct ByteReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func byte() throws(ByteReadingError) -> UInt8 {
    guard position < bytes.count else { throw ByteReadingError() }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func unsigned() throws(ByteReadingError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw ByteReadingError() }
      result |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return result }
      shift += 7
      guard shift < 64 else { throw ByteReadingError() }
    }
  }

  /// A number from zero to `limit`.
  mutating func count(_ limit: Int = Int(Int32.max)) throws(ByteReadingError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(limit) else { throw ByteReadingError() }
    return Int(value)
  }

  mutating func fixed() throws(ByteReadingError) -> UInt64 {
    guard bytes.count - position >= 8 else { throw ByteReadingError() }
    var result: UInt64 = 0
    for i in 0..<8 { result |= UInt64(bytes[position + i]) << UInt64(8 * i) }
    position += 8
    return result
  }

  mutating func text() throws(ByteReadingError) -> String {
    let length = try count()
    guard bytes.count - position >= length else { throw ByteReadingError() }
    defer { position += length }
    return String(decoding: UnsafeBufferPointer(rebasing: bytes[position..<(position + length)]), as: UTF8.self)
  }

  mutating func list<Item>(
    _ read: (inout ByteReader) throws(ByteReadingError) -> Item
  ) throws(ByteReadingError) -> [Item] {
    let count = try count()
    guard count > 0 else { return [] }
    // Every item has at least one byte.
    guard count <= bytes.count - position else { throw ByteReadingError() }
    var items: [Item] = []
    items.reserveCapacity(min(count, 64))
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  mutating func optional<Value>(
    _ read: (inout ByteReader) throws(ByteReadingError) -> Value
  ) throws(ByteReadingError) -> Value? {
    switch try byte() {
    case 0: return nil
    case 1: return try read(&self)
    default: throw ByteReadingError()
    }
  }
}
