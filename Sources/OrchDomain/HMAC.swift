/// HMAC with SHA-256, for signatures that a receiver can check. Source: RFC 2104.
package enum HMAC {
  /// 64 hexadecimal digits.
  package static func hex(_ message: some Sequence<UInt8>, key: [UInt8]) -> String {
    var key = key
    if key.count > 64 {
      var hash = SHA256()
      hash.update(key)
      key = hash.finish()
    }
    key += repeatElement(0, count: 64 - key.count)
    var inner = SHA256()
    inner.update(key.map { $0 ^ 0x36 })
    inner.update(message)
    return SHA256.hex(key.map { $0 ^ 0x5C } + inner.finish())
  }
}
