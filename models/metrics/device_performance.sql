-- What ads on each kind of device cost and brought; only Google tells the device.
{{ performance(by=['device_type'], where="platform = 'google_ads'") }}
