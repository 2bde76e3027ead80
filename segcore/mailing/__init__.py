"""Mails follow published runs: what a run's mails are, when they are queued, and what became of them.

:mod:`segcore.mail` knows what a mail is and how it is sent; here stands when that is done, and for which run.

In reading order. What is asked: :mod:`~segcore.mailing.asked` says which mails somebody wants and at which
moment, :mod:`~segcore.mailing.job` of which study and with which clock, :mod:`~segcore.mailing.ready` whether
a run may be told about. Queuing: :mod:`~segcore.mailing.queueing` read once is the whole way;
:mod:`~segcore.mailing.composing` makes the mails, :mod:`~segcore.mailing.fates` decides who gets one,
:mod:`~segcore.mailing.reps_today` holds those of representatives who changed since,
:mod:`~segcore.mailing.noticed` says what the sender should know, and :mod:`~segcore.mailing.opening` opens the
outbox. Sending: :mod:`~segcore.mailing.sending` queues and sends, with what is :mod:`~segcore.mailing.owed` from
before and without what is :mod:`~segcore.mailing.outdated`; :mod:`~segcore.mailing.sent` says what came of it,
:mod:`~segcore.mailing.dry_run` writes files in its place.

Around a run: :mod:`~segcore.mailing.announcing` is what ``run --send`` does, with
:mod:`~segcore.mailing.failures` for the owners. Afterwards: :mod:`~segcore.mailing.looking` answers who got what,
:mod:`~segcore.mailing.why_not` and :mod:`~segcore.mailing.readers` why somebody got nothing,
:mod:`~segcore.mailing.standing` what is to be done, with the runs whose mails are :mod:`~segcore.mailing.unmade`,
and :mod:`~segcore.mailing.returned` reads what came back.
"""
