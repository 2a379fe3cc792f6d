"""A database whose short absence ends no trial."""

import optuna


class PatientStorage(optuna.storages.RDBStorage):
    """Optuna's storage, with heartbeats that outlive a restart of the server.

    Optuna's thread of heartbeats ends at the first that the database does not
    take; then other workers would take a living trial for dead. Here the next
    one is tried. What must not be lost still raises.

    Args:
        url: As for `optuna.storages.RDBStorage`, as all others.

    Example:

    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> storage = PatientStorage("sqlite://")
    >>> trial = optuna.create_study(storage=storage).ask()
    >>> storage.record_heartbeat(1)
    """

    def record_heartbeat(self, trial_id):
        """Gives a sign of life, unless the database is away.

        Args:
            trial_id: Optuna's identity of a trial.
        """
        try:
            super().record_heartbeat(trial_id)
        except optuna.exceptions.StorageInternalError:
            return
