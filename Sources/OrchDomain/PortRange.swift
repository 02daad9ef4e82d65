/// Consecutive TCP or UDP ports that belong to one attempt.
package struct PortRange: Hashable, Sendable {
  package let first: Int
  package let count: Int

  package init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }

  package func overlaps(_ other: PortRange) -> Bool {
    first < other.first + other.count && other.first < first + count
  }

  /// Chooses a free range for an attempt: the one that its name leads to, which spreads them over the span, else the
  /// next free one behind it.
  ///
  /// - Parameters:
  ///   - name: Whatever tells the attempt from all others on this machine.
  ///   - span: The ports that may be given out.
  ///   - taken: The ranges of others. They may have another size: settings change.
  /// - Returns: Nil when no range of that size is free.
  package static func choose(
    for name: String, count: Int, in span: ClosedRange<Int>, taken: [PortRange]
  ) -> PortRange? {
    guard count > 0 else { return nil }
    let places = span.count / count
    guard places > 0 else { return nil }
    var digest = SHA256()
    digest.update(name.utf8)
    let start = Int(digest.finish().prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(places))
    for step in 0..<places {
      let range = PortRange(first: span.lowerBound + (start + step) % places * count, count: count)
      if !taken.contains(where: range.overlaps) { return range }
    }
    return nil
  }
}
