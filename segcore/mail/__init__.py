"""Mails about a run: who gets which, what stands in it, and how it reaches a server once.

What belongs to whom is read from the tables of a published run; a mail says nothing that no table says.

:mod:`segcore.mail.subscriptions` reads who wants what, :mod:`segcore.mail.people` finds their addresses,
:mod:`segcore.mail.contents` makes a :class:`~segcore.mail.letter.Letter` of the rows that are a recipient's
own, and :mod:`segcore.mail.message` makes bytes of it. :mod:`segcore.mail.outbox` keeps what is to be sent
and what became of it, :mod:`segcore.mail.sending` sends it. :mod:`segcore.mailing` says when.
"""
