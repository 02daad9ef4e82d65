extension Int {
  /// For people: `1 task`, `2 tasks`.
  ///
  /// - Parameter plural: Where it is not the noun with an `s`.
  package func counted(_ noun: String, _ plural: String? = nil) -> String {
    self == 1 ? "1 \(noun)" : "\(self) \(plural ?? noun + "s")"
  }
}
