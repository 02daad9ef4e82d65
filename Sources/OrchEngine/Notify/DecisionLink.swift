package import OrchDomain
package import OrchStore

/// What a link in a notice gives: to decide one change, once, until a moment, as long as it has the head that it had,
/// and in the one wait for a review that it was made for.
///
/// Nobody keeps it. Its key is its own words, sealed with a secret of the state directory.
package struct DecisionLink: Hashable, Sendable {
  package enum Action: String, Hashable, Sendable {
    case approve, reject
  }

  /// Why a link that is ours decides nothing.
  package enum Refusal: String, Hashable, Sendable, CaseIterable {
    case used, expired
    /// The change has another head.
    case moved
    /// The change was decided, and waits again.
    case superseded
    /// The change waits for nobody any more.
    case decided
  }

  /// As it is named in paths, such as `ledger-1a2b3c4d`.
  package let project: String
  /// Number of the change.
  package let number: Int
  /// Full commit id of the change's head.
  package let head: String
  /// Number of the event with which the change began to wait. A decision ends the wait, so that no link is of use
  /// twice, whatever the log has forgotten.
  package let wait: Int64
  /// The channel that it was sent by.
  package let channel: String
  package let until: Timestamp

  package init(project: String, number: Int, head: String, wait: Int64, channel: String, until: Timestamp) {
    self.project = project
    self.number = number
    self.head = head
    self.wait = wait
    self.channel = channel
    self.until = until
  }

  /// Reads a key.
  ///
  /// - Returns: Nil for one that was not sealed with the secret.
  package init?(key: String, secret: [UInt8]) {
    let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 7, let number = Int(parts[2]), let wait = Int64(parts[4]), let until = Int64(parts[6]) else {
      return nil
    }
    self.init(
      project: parts[1], number: number, head: parts[3], wait: wait, channel: parts[5],
      until: Timestamp(milliseconds: until))
    // Both are hashed once more, so that the time of a comparison tells nothing of the seal.
    guard SHA256.hex(key.utf8) == SHA256.hex(self.key(secret: secret).utf8) else { return nil }
  }

  /// The project that a key claims to be of, sealed or not.
  package static func project(in key: String) -> String? {
    key.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first.map(String.init)
  }

  private var words: String { "\(project).\(number).\(head).\(wait).\(channel).\(until.milliseconds)" }

  /// The seal stands first: whoever sees the beginning of a key cut off has nothing.
  package func key(secret: [UInt8]) -> String {
    "\(HMAC.hex("claude-orch decision \(words)".utf8, key: secret)).\(words)"
  }

  /// Names it in the log. Made without the secret, so it tells nothing of the key.
  package var name: String { String(SHA256.hex(words.utf8).prefix(16)) }

  /// Who decided, in records.
  package var person: String { "link:\(channel)" }

  /// The event with which a task began to wait for a review.
  ///
  /// - Returns: Nil when it waits for none, or since longer than the log goes back.
  package static func wait(of task: TaskID, _ tx: borrowing StoreTransaction) throws(StoreError) -> Int64? {
    guard try tx.task(task)?.state == .inReview else { return nil }
    return try tx.events(.taskState, of: task).last {
      JSONFields($0.data).string("to") == TaskState.inReview.rawValue
    }?.seq
  }

  /// - Returns: Nil when it may decide now.
  package func refusal(_ tx: borrowing StoreTransaction, at now: Timestamp) throws(StoreError) -> Refusal? {
    guard let change = try tx.change(number) else { return .decided }
    for event in try tx.events(.linkUsed, of: change.task) where JSONFields(event.data).string("link") == name {
      return .used
    }
    guard now < until else { return .expired }
    guard change.headCommit == head else { return .moved }
    guard change.state == .open, let current = try Self.wait(of: change.task, tx) else { return .decided }
    return current == wait ? nil : .superseded
  }

  /// Records that it was refused to somebody, once for each reason: whoever tries for ever does not fill the log.
  package func record(
    _ refusal: Refusal, _ tx: borrowing StoreTransaction, at now: Timestamp
  ) throws(StoreError) {
    guard let change = try tx.change(number) else { return }
    for event in try tx.events(.linkRefused, of: change.task) {
      let fields = JSONFields(event.data)
      if fields.string("link") == name, fields.string("why") == refusal.rawValue { return }
    }
    try append(.linkRefused, change, ["why": .string(refusal.rawValue)], tx, at: now)
  }

  private func append(
    _ type: EventType, _ change: Change, _ data: [String: EventValue], _ tx: borrowing StoreTransaction,
    at now: Timestamp
  ) throws(StoreError) {
    let facts: [String: EventValue] = [
      "number": EventValue(number), "head": .string(head), "channel": .string(channel), "link": .string(name),
    ]
    try tx.appendEvent(type, task: change.task, attempt: change.attempt, data: facts.merging(data) { $1 }, at: now)
  }
}

extension DecisionLink {
  /// A link with which somebody decides.
  package struct Use: Hashable, Sendable {
    package let link: DecisionLink
    /// What its head holds, for the record.
    package let tree: String

    package init(_ link: DecisionLink, tree: String) {
      self.link = link
      self.tree = tree
    }

    /// Uses it up, in the transaction that carries out the decision.
    ///
    /// - Throws: ``StoreError/staleChange(number:expected:actual:)`` when it may not decide, which undoes the decision.
    func record(_ action: Action, _ tx: borrowing StoreTransaction, at now: Timestamp) throws(StoreError) {
      guard let change = try tx.change(link.number) else { throw .unknownChange(number: link.number) }
      guard try link.refusal(tx, at: now) == nil else {
        throw .staleChange(number: link.number, expected: [.open], actual: change.state)
      }
      try link.append(
        .linkUsed, change, ["action": .string(action.rawValue), "tree": .string(tree)], tx, at: now)
    }
  }
}
