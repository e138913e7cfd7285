"""The numerical core: recurrent networks, forward and backward, in NumPy alone.

Shapes are written with these letters everywhere: ``B`` sentences, ``T`` steps, ``N`` packed
tokens, ``D`` embedding width, ``H`` hidden width, ``F`` features of a sentence, ``G`` gates, ``K``
emoji (classes), ``M`` width of an emoji's vector, ``V`` words. Matrices are capitals, what belongs
to one step is lower case, and a gradient is its array with a leading ``d``.

Read in this order: :mod:`~emojify.nn.batch`, :mod:`~emojify.nn.cells.rnn`,
:mod:`~emojify.nn.recurrent`, :mod:`~emojify.nn.cells.lstm`, :mod:`~emojify.nn.cells.gru`,
:mod:`~emojify.nn.encoder`, :mod:`~emojify.nn.softmax`, :mod:`~emojify.nn.embedding`,
:mod:`~emojify.nn.model`, :mod:`~emojify.nn.optim`, :mod:`~emojify.nn.team`; then, for lines of
emoji, :mod:`~emojify.nn.decoder`, :mod:`~emojify.nn.seq2seq`, :mod:`~emojify.nn.decoding`.
"""
