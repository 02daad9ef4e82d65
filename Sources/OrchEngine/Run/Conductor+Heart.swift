import OrchDomain
import OrchStore

extension Conductor {
  /// The signs of life of this run.
  struct Heart {
    var id: Int64
    /// Of the last one.
    var at: Timestamp
  }

  private static let pulse = Duration.seconds(30)

  /// Tells now and then that somebody drives the project, so that the report can say when nobody did.
  func beat() throws {
    let now = project.clock.now()
    guard let heart else {
      let who = options.batchRecord.map { "batch #\($0)" } ?? (servesSubmissions ? "daemon" : "start")
      let id = try project.store.write(project.row) { tx throws(StoreError) in try tx.beginHeartbeat(who, at: now) }
      heart = Heart(id: id, at: now)
      return
    }
    // A clock that was put back is no reason to fall silent.
    guard now.since(heart.at) >= Self.pulse || now < heart.at else { return }
    try project.write { tx throws(StoreError) in try tx.beat(heart.id, at: now) }
    self.heart?.at = now
  }

  func endHeartbeat() throws {
    guard let heart else { return }
    let now = project.clock.now()
    try project.write { tx throws(StoreError) in try tx.endHeartbeat(heart.id, at: now) }
  }
}
