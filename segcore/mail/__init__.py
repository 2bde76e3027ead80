"""Mails about a run: who gets which, what stands in it, and how it reaches a server once.

What belongs to whom is read from the tables of a published run; a mail says nothing that no table says.
:mod:`segcore.mailing` says when.

In reading order. Who gets what: :mod:`~segcore.mail.gets` is the table of what somebody may get,
:mod:`~segcore.mail.subscriptions` reads who wants which, :mod:`~segcore.mail.people` finds their addresses,
which :mod:`~segcore.mail.addresses` checks; :mod:`~segcore.mail.who` reads whom a command names.

What stands in a mail: :mod:`~segcore.mail.source` opens the run, :mod:`~segcore.mail.contents` makes a
:class:`~segcore.mail.letter.Letter` for each reader, by :mod:`~segcore.mail.whole`,
:mod:`~segcore.mail.own_accounts` or :mod:`~segcore.mail.chosen`, with :mod:`~segcore.mail.pictures` and with pages
that :mod:`~segcore.mail.attached` makes fit to travel. Bytes:
:mod:`~segcore.mail.message` makes them of :mod:`~segcore.mail.body` and :mod:`~segcore.mail.headers`.

What is to be sent, and what became of it: :mod:`~segcore.mail.entries` has the states of a mail,
:mod:`~segcore.mail.outbox` keeps them in the file of :mod:`~segcore.mail.outbox_file`, as
:mod:`~segcore.mail.rows`. Sending: :mod:`~segcore.mail.sending` read once is the whole of it;
:mod:`~segcore.mail.turns` says whose turn it is and :mod:`~segcore.mail.rate` how fast,
:mod:`~segcore.mail.server` and :mod:`~segcore.mail.smtp` speak to the server whose
:mod:`~segcore.mail.answers` decide, and :mod:`~segcore.mail.trial` sends copies for a test.

What is told of it: :mod:`~segcore.mail.log` for a terminal, :mod:`~segcore.mail.page` for a browser, with
:mod:`~segcore.mail.reasons` why somebody got none, and :mod:`~segcore.mail.bounces` reads what came back.
"""
