"""The coordinator's day: what needs an answer, which shifts are short, and who may be asked.

Ask
    One question to one person whether they can fill one shift. Only those are asked who agreed
    to it, each of them once a shift and few times a week, whoever asks.
Reply
    An organisation's first answer to an application or to a message.
"""
